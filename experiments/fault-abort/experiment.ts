import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { abortsInjected } from '@meshmart/experiment-runner/proxy-counters';

export default {
  summary: 'answers 10 % of /products with 503 before they reach the service',
  needs: { services: { product: ['v1'], user: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 7, observeS: 7, restoreS: 1 },
  expectations: [
    {
      name: 'failed GET /products',
      unit: '%',
      metric: 'http_req_failed{route:/products}',
      thresholds: { baseline: 'rate==0', observe: ['rate>=0.08', 'rate<=0.12'], restore: 'rate==0' },
      reason:
        '10 % of 4,000 requests vary by 0.47 points (one sigma), so 2 points are 4.2 sigma; nothing else may fail',
    },
    {
      name: 'failed GET /.well-known/jwks.json',
      unit: '%',
      metric: 'http_req_failed{route:/.well-known/jwks.json}',
      thresholds: 'rate==0',
      reason: 'the rule names one prefix, and the other routes of the gateway never see it',
    },
    {
      name: 'GET /products sent',
      metric: 'http_reqs{route:/products}',
      thresholds: { baseline: 'count>=4000', observe: 'count>=4000', restore: 'count>=200' },
      reason:
        'at 2,000 requests one run in 350 would fail by chance; 200 are enough to find 10 % after the restore',
    },
    {
      name: "aborts injected, by the gateway's proxy",
      value: (phase) => phase.proxy('gateway', abortsInjected),
      agreesWith: (phase) => phase.k6('answered_503', 'count'),
      reason: 'every 503 that a client saw came from the fault filter, and none from the service',
    },
  ],
  guards: [everyRequestSent],
} satisfies Experiment;
