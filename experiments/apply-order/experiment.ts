import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import {
  outboundRequests,
  outboundRetries,
  withoutCluster,
} from '@meshmart/experiment-runner/proxy-counters';

const everyS = 2;

const moved: Expectation[] = [
  {
    name: 'v2 share of the first requests',
    unit: '%',
    metric: 'v2_share{part:first}',
    thresholds: 'rate==0',
    reason: 'in the first tenth of the load nothing has been applied yet',
  },
  {
    name: 'v2 share of the last requests',
    unit: '%',
    metric: 'v2_share{part:last}',
    thresholds: { baseline: 'rate==0', observe: 'rate==1', restore: 'rate==0' },
    reason: 'all or nothing: both resources have arrived by then, in either order',
  },
  {
    name: "requests to the subset, by the gateway's proxy",
    value: (phase) =>
      phase.proxy('gateway', outboundRequests('product', 'green')) -
      phase.proxy('gateway', outboundRetries('product', 'green')),
    agreesWith: (phase) => phase.k6('v2_share', 'passes'),
    reason: 'k6 reads a response header, Envoy counts what it sent to the new cluster',
  },
];

const noCluster = (phase: Phase) => phase.proxy('gateway', withoutCluster);

export default {
  summary: 'adds a subset before the route that needs it, without losing a request',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 3, observeS: 12, restoreS: 3, applyAfterS: 3, applyEveryS: everyS },
  expectations: [
    noFailedRequests('when the route arrives, each proxy has had the cluster of its subset for 2 s'),
    ...moved,
    {
      name: "requests without a cluster, by the gateway's proxy",
      expected: '0',
      value: noCluster,
      holds: (observed, baseline) => observed === 0 && baseline === 0,
      reason: 'Envoy counts the requests whose route names a cluster that it does not have',
    },
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=150', observe: 'count>=600', restore: 'count>=150' },
      reason: 'at 50 requests a second a gap of 100 ms costs five of them',
    },
  ],
  variants: {
    trap: {
      summary: 'a route that comes before its subset costs every request until the subset is there',
      expectations: [
        {
          name: 'time from the first failed request to the last',
          unit: 's',
          expected: `0 → ≥ ${everyS - 0.2} s`,
          value: (phase) => (phase.k6('failed_at', 'max') - phase.k6('failed_at', 'min')) / 1000,
          holds: (observed, baseline) => baseline === 0 && observed >= everyS - 0.2,
          reason:
            'the subset follows after 2 s; two requests are 20 ms apart, the rest is for a busy machine',
        },
        {
          name: "requests without a cluster, by the gateway's proxy",
          value: noCluster,
          agreesWith: (phase) => phase.k6('http_req_failed', 'passes'),
          reason: 'each failure is a 503 with the flag NC: no service has seen it',
        },
        ...moved,
      ],
    },
  },
} satisfies Experiment;
