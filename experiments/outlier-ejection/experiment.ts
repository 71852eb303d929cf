import { appears, everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { inboundFailures, outlierDetection } from '@meshmart/experiment-runner/proxy-counters';

export default {
  summary: 'sends nothing more to an instance that fails',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 8, observeS: 8, restoreS: 1 },
  disturbance: { faults: { 'product-v1-1': { errorRate: 1 } }, inBaseline: true },
  expectations: [
    {
      name: 'successful requests',
      unit: '%',
      metric: 'successful',
      thresholds: { baseline: ['rate>=0.6', 'rate<=0.73'], observe: 'rate>=0.99', restore: 'rate==1' },
      reason: 'two of three instances work: 66.7 %, but each worker of the gateway takes turns by itself',
    },
    {
      name: 'requests',
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=4000', observe: 'count>=4000', restore: 'count>=200' },
      reason: 'about a dozen requests fail until the fifth error in a row is noticed: far below 1 % of 4,000',
    },
    appears(
      "instances ejected, by the gateway's proxy",
      (phase) => phase.proxy('gateway', outlierDetection('product', 'ejections_enforced_total')),
      'the share alone does not tell who kept the failing instance out',
    ),
    {
      name: 'ejections that maxEjectionPercent prevented',
      expected: '≥ 1 → 0',
      value: (phase) => phase.proxy('gateway', outlierDetection('product', 'ejections_overflow')),
      holds: (observed, baseline) => baseline >= 1 && observed === 0,
      reason: 'the baseline detects the same outlier, but 10 % of three instances is none',
    },
    {
      name: "errors of product-v1-1, by its own sidecar's count",
      value: (phase) => phase.proxy('product-v1-1', inboundFailures),
      agreesWith: (phase) => phase.k6('successful', 'fails'),
      reason: 'the failing instance sent every error that k6 saw, so nothing was retried',
    },
  ],
  guards: [everyRequestSent],
} satisfies Experiment;
