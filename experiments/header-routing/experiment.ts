import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Guard, PhaseName } from '@meshmart/experiment-runner/experiment';
import { outboundRequests } from '@meshmart/experiment-runner/proxy-counters';

const groups = ['jason', 'others', 'jason-page', 'others-page'];

/** The page makes two calls: for the products and for their categories. */
const callsPerPage = 2;

function share(name: string, from: string, observed: 0 | 1, reason: string): Expectation {
  const thresholds: Record<PhaseName, string> = {
    baseline: 'rate==0',
    observe: `rate==${observed}`,
    restore: 'rate==0',
  };
  return { name, unit: '%', metric: `v2_share{from:${from}}`, thresholds, reason };
}

const toV2 = "v2's share of Jason's requests";
const others = [
  share("v2's share of others' requests", 'others', 0, 'another value of the header does not match'),
  share("v2's share of others' pages", 'others-page', 0, 'the rule inside the mesh matches on the value too'),
];
const calls: Expectation = {
  name: "calls to v2, by the storefront's proxy",
  value: (phase) => phase.proxy('storefront-v1-1', outboundRequests('product', 'v2')),
  agreesWith: (phase) => callsPerPage * phase.k6('v2_share{from:jason-page}', 'passes'),
  reason: 'a page names the version that served it; the proxy counts both calls for that page',
};
const enough: Guard[] = groups.map((from) => ({
  metric: `http_reqs{from:${from}}`,
  thresholds: { baseline: 'count>=22', observe: 'count>=22', restore: 'count>=7' },
  reason: 'all or nothing: two dozen requests of each group show an exception',
}));

export default {
  summary: 'sends one user to v2 by a header, at the gateway and one hop deeper',
  needs: { services: { product: ['v1', 'v2'], storefront: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 5, observeS: 5, restoreS: 2 },
  expectations: [
    share(toV2, 'jason', 1, 'all or nothing: the header decides, and not chance'),
    share("v2's share of Jason's pages", 'jason-page', 1, 'the storefront forwards the header'),
    ...others,
    noFailedRequests('both versions can answer every request'),
    calls,
  ],
  guards: [everyRequestSent, ...enough],
  variants: {
    trap: {
      summary: 'a service that does not forward the header hides the user from the hops behind it',
      expectations: [
        share(toV2, 'jason', 1, 'the gateway still has the header'),
        share("v2's share of Jason's pages", 'jason-page', 0, 'the call to product no longer has the header'),
        ...others,
        noFailedRequests('nothing fails, so no alert finds it'),
        calls,
      ],
    },
  },
} satisfies Experiment;
