import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import { outboundRequests, withoutCluster } from '@meshmart/experiment-runner/proxy-counters';

/** Returns the claims of a canary of 10 %. @param gateway counts the requests to v2 by the gateway's proxy */
export function canaryExpectations(gateway: (phase: Phase) => number): Expectation[] {
  return [
    {
      name: 'v2 share of GET /products',
      unit: '%',
      metric: 'v2_share',
      thresholds: { baseline: 'rate==0', observe: ['rate>=0.08', 'rate<=0.12'], restore: 'rate==0' },
      reason: '10 % of 4,000 requests vary by 0.47 points (one sigma), so 2 points are 4.2 sigma',
    },
    noFailedRequests('shifting weight from one version to another must not cost a request'),
    {
      name: 'requests',
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=4000', observe: 'count>=4000', restore: 'count>=200' },
      reason:
        'at 2,000 requests one run in 350 would fail by chance; 200 are enough to find 10 % after the restore',
    },
    {
      name: "requests to v2, by the gateway's proxy",
      value: gateway,
      agreesWith: (phase) => phase.k6('v2_share', 'passes'),
      reason:
        'k6 reads a response header, Envoy counts what it sent: two witnesses that do not know each other',
    },
  ];
}

export default {
  summary: 'sends 10 % of the product traffic to v2',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 7, observeS: 7, restoreS: 1 },
  expectations: canaryExpectations((phase) => phase.proxy('gateway', outboundRequests('product', 'v2'))),
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'Istio accepts a route to a subset that does not exist, and its share of the requests fails',
      expectations: [
        {
          name: 'failed requests',
          unit: '%',
          metric: 'http_req_failed',
          thresholds: { baseline: 'rate==0', observe: ['rate>=0.08', 'rate<=0.12'], restore: 'rate==0' },
          reason: '10 % of 4,000 requests vary by 0.47 points (one sigma), so 2 points are 4.2 sigma',
        },
        {
          name: "requests without a cluster, by the gateway's proxy",
          value: (phase) => phase.proxy('gateway', withoutCluster),
          agreesWith: (phase) => phase.k6('http_req_failed', 'passes'),
          reason: 'Envoy counts the requests whose route names a cluster that it does not have',
        },
      ],
    },
  },
} satisfies Experiment;
