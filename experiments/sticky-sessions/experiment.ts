import { noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { inboundRequests } from '@meshmart/experiment-runner/proxy-counters';

const replicas = ['product-v1-1', 'product-v1-2', 'product-v2-1'];

export default {
  summary: 'sends all requests of one customer to one replica',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 1 },
  expectations: [
    {
      name: "requests to the customer's first replica",
      unit: '%',
      expected: '25 to 50 % → 100 %',
      value: (phase) => phase.k6('stayed', 'rate'),
      holds: (observed, baseline) => observed === 1 && baseline >= 0.25 && baseline <= 0.5,
      reason:
        'chance returns a third of 720 requests, and the first ones; one key has one replica, without exception',
    },
    {
      name: 'replicas in use',
      expected: '3',
      value: (phase) => replicas.filter((name) => phase.proxy(name, inboundRequests) > 0).length,
      holds: (observed, baseline) => observed === 3 && baseline === 3,
      reason: 'thirty customers leave one of three replicas without any in 1 of 60,000 runs',
    },
    noFailedRequests('a hash chooses among the replicas that are ready'),
  ],
  variants: {
    trap: {
      summary: 'moves the customers of a replica that hangs, and their sessions with them',
      needs: { services: { product: ['v1', 'v2'] }, targets: ['local'] },
      phases: { baselineS: 4, observeS: 10, restoreS: 1 },
      disturbance: { faults: {}, freezes: { instances: ['product-v1-2'], everyS: 3, forS: 30 } },
      expectations: [
        {
          name: 'customers who changed their replica',
          expected: '1 to 20 of 30',
          value: (phase) => phase.k6('customers_moved', 'count'),
          holds: (observed) => observed >= 1 && observed <= 20,
          reason:
            'about a third of the customers had the replica that hangs, and the others stay where they are',
        },
        {
          name: 'failed requests',
          unit: '%',
          metric: 'http_req_failed',
          thresholds: { baseline: 'rate==0', observe: 'rate<=0.05', restore: 'rate==0' },
          reason:
            'until the ejection, a retry goes to the replica that the hash chooses, which is the one that hangs',
        },
      ],
    },
  },
} satisfies Experiment;
