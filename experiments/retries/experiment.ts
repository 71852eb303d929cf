import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Bounds, Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { inboundRequests } from '@meshmart/experiment-runner/proxy-counters';

function failures(
  name: string,
  kind: string,
  bounds: Record<'baseline' | 'observe', Bounds>,
  reason: string,
) {
  const thresholds = { ...bounds, restore: 'rate==0' };
  return { name, unit: '%', metric: `unavailable{kind:${kind}}`, thresholds, reason } satisfies Expectation;
}

export default {
  summary: 'retries a service that fails 30 % of its requests, so that 2.7 % fail',
  needs: {
    services: { order: ['v1'], product: ['v1'], payment: ['v1'], user: ['v1'] },
    targets: ['local', 'cluster'],
    stock: 100,
  },
  phases: { baselineS: 8, observeS: 8, restoreS: 1 },
  disturbance: { faults: { order: { errorRate: 0.3 } }, inBaseline: true },
  expectations: [
    failures(
      'GET that fails',
      'get',
      { baseline: ['rate>=0.23', 'rate<=0.37'], observe: ['rate>=0.003', 'rate<=0.052'] },
      '30 % of 840 requests vary by 1.6 points (one sigma), 0.3³ = 2.7 % by 0.56: bounds at 4.3 sigma',
    ),
    failures(
      'POST without a key that fails',
      'without-key',
      { baseline: ['rate>=0.18', 'rate<=0.42'], observe: 'rate<=0.07' },
      '30 % of 300 requests vary by 2.6 points, 2.7 % by 0.9: bounds at 4.5 sigma',
    ),
    failures(
      'POST with a key that fails',
      'with-key',
      { baseline: ['rate>=0.05', 'rate<=0.55'], observe: 'rate<=0.12' },
      '30 % of 60 requests vary by 5.9 points, 2.7 % by 2.1: bounds at more than 4 sigma',
    ),
    {
      name: 'requests that order receives, per request of a client',
      expected: '1 → 1.39 ± 0.08',
      value: (phase) => phase.proxy('order-v1-1', inboundRequests) / phase.k6('to_order', 'count'),
      holds: (observed, baseline) => Math.abs(baseline - 1) <= 0.01 && Math.abs(observed - 1.39) <= 0.08,
      reason: '1 + 0.3 + 0.3² tries; with 1,200 requests the mean varies by 0.019',
    },
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'to_order',
      thresholds: { baseline: 'count>=1200', observe: 'count>=1200', restore: 'count>=150' },
      reason: 'the tolerances follow from this number',
    },
  ],
} satisfies Experiment;
