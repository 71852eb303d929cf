import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { outboundRetries } from '@meshmart/experiment-runner/proxy-counters';

const expectations: Expectation[] = [
  {
    name: 'failed requests',
    unit: '%',
    metric: 'http_req_failed',
    thresholds: {
      baseline: ['rate>=0.003', 'rate<=0.051'],
      observe: ['rate>=0.235', 'rate<=0.365'],
      restore: 'rate==0',
    },
    reason: '2.7 % of 900 requests vary by 0.54 points (one sigma), 30 % by 1.5: bounds at more than 4 sigma',
  },
  {
    name: "retries per request, by the gateway's proxy",
    expected: '0.39 ± 0.09 → 0',
    value: (phase) => phase.proxy('gateway', outboundRetries('product')) / phase.k6('http_reqs', 'count'),
    holds: (observed, baseline) => Math.abs(baseline - 0.39) <= 0.09 && observed === 0,
    reason: '0.3 + 0.3² retries before, which vary by 0.022; the default retries no response at all',
  },
];

export default {
  summary: 'shows that Istio retries by default, but not the 503 of a service',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 1 },
  disturbance: { faults: { product: { errorRate: 0.3 } }, inBaseline: true },
  expectations,
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=900', observe: 'count>=900', restore: 'count>=150' },
      reason: 'the tolerances follow from this number',
    },
  ],
  variants: {
    trap: { summary: 'ten attempts change nothing, because the conditions stay the default', expectations },
  },
} satisfies Experiment;
