import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { delaysInjected } from '@meshmart/experiment-runner/proxy-counters';

const delayMs = 400;
const toleranceMs = 50;
const products = 'http_req_duration{route:/products}';
const keys = 'http_req_duration{route:/.well-known/jwks.json}';

export default {
  summary: 'delays every response of /products by 400 ms',
  needs: { services: { product: ['v1'], user: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 3 },
  expectations: [
    {
      name: 'median of GET /products',
      unit: 'ms',
      expected: `+ ${delayMs} ± ${toleranceMs} ms`,
      value: (phase) => phase.k6(products, 'med'),
      holds: (observed, baseline) => Math.abs(observed - baseline - delayMs) <= toleranceMs,
      reason: 'on a busy machine both medians move by some milliseconds, in either direction',
    },
    {
      name: 'median of GET /.well-known/jwks.json',
      unit: 'ms',
      expected: `± ${toleranceMs} ms`,
      value: (phase) => phase.k6(keys, 'med'),
      holds: (observed, baseline) => Math.abs(observed - baseline) <= toleranceMs,
      reason: 'the rule names one prefix, and the other routes of the gateway never see it',
    },
    {
      name: 'GET /products by itself',
      unit: 'ms',
      metric: products,
      thresholds: { baseline: 'med<200', observe: ['med>=390', 'med<600'], restore: 'med<200' },
      reason: "Envoy's timers start with an event loop turn, so a delay of 400 ms may end a little early",
    },
    noFailedRequests('a delayed response is late, not wrong'),
    {
      name: "GET /products delayed, by the gateway's proxy",
      unit: '%',
      expected: '0 → 100 ± 1 %',
      value: (phase) =>
        phase.proxy('gateway', delaysInjected) / phase.k6('http_reqs{route:/products}', 'count'),
      holds: (observed, baseline) => baseline === 0 && Math.abs(observed - 1) <= 0.01,
      reason: 'the fault filter delayed each request once, so the time was not lost elsewhere',
    },
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=500', observe: 'count>=500', restore: 'count>=200' },
      reason: 'with fewer samples the median would depend on a single slow moment of the machine',
    },
    {
      metric: 'http_reqs{route:/products}',
      thresholds: { baseline: 'count>=250', observe: 'count>=250', restore: 'count>=100' },
      reason: 'half of the requests are for the route that is delayed',
    },
    { metric: keys, thresholds: 'med<200', reason: 'the other route is fast in every phase' },
  ],
  variants: {
    trap: {
      summary: 'the proxy that injects a delay does not time it out',
      expectations: [
        {
          name: 'GET /products by itself',
          unit: 'ms',
          metric: products,
          thresholds: { baseline: 'med<200', observe: ['med>=390', 'med<600'], restore: 'med<200' },
          reason: 'the timeout of 200 ms starts behind the fault filter, when the delay is over',
        },
        noFailedRequests('a timeout would answer 504'),
      ],
    },
  },
} satisfies Experiment;
