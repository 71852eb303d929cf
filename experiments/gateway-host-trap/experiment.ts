import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { outboundRequests } from '@meshmart/experiment-runner/proxy-counters';

function half(name: string, by: string): Expectation {
  return {
    name,
    unit: '%',
    metric: `v2_share{by:${by}}`,
    thresholds: { baseline: 'rate==0', observe: ['rate>=0.3', 'rate<=0.7'], restore: 'rate==0' },
    reason: '50 % of 120 requests vary by 4.6 points (one sigma), so 20 points are 4.3 sigma',
  };
}

function none(name: string, by: string, reason: string): Expectation {
  return { name, unit: '%', metric: `v2_share{by:${by}}`, thresholds: 'rate==0', reason };
}

const byHost = "v2's share of requests for shop.example.com";
const byOthers = "v2's share of requests for another host";
const inMesh = "v2's share of calls by the storefront";
const counted: Expectation = {
  name: "requests to v2, by the gateway's proxy",
  value: (phase) => phase.proxy('gateway', outboundRequests('product', 'v2')),
  agreesWith: (phase) => phase.k6('v2_share{by:shop}', 'passes'),
  reason: 'k6 reads a response header, Envoy counts what it sent: two witnesses that do not know each other',
};

export default {
  summary: 'splits the requests for one host of the gateway, and no others',
  needs: { services: { product: ['v1', 'v2'], storefront: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 1 },
  expectations: [
    half(byHost, 'shop'),
    none(byOthers, 'others', 'another VirtualService applies to the other hosts'),
    none(inMesh, 'page', 'the rule is bound to the gateway, and sidecars do not receive it'),
    noFailedRequests('both versions can answer every request'),
    counted,
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=360', observe: 'count>=360', restore: 'count>=60' },
      reason: 'a third of them is for each group, and the tolerance follows from that number',
    },
  ],
  variants: {
    trap: {
      summary: 'a rule for the service splits calls inside the mesh, and no request through the gateway',
      expectations: [
        none(byHost, 'shop', 'the default of `gateways` is `mesh`: the gateway does not receive the rule'),
        none(byOthers, 'others', 'no host of the gateway is affected'),
        half(inMesh, 'page'),
        noFailedRequests('nothing fails: the canary only gets no customers'),
        counted,
      ],
    },
  },
} satisfies Experiment;
