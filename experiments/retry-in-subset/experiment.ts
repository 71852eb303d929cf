import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Bounds, Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import {
  inboundFailures,
  inboundRequests,
  outboundRequests,
} from '@meshmart/experiment-runner/proxy-counters';

function failures(observe: Bounds, reason: string): Expectation {
  return {
    name: 'failed requests',
    unit: '%',
    metric: 'http_req_failed',
    thresholds: { baseline: ['rate>=0.057', 'rate<=0.143'], observe, restore: 'rate==0' },
    reason,
  };
}

const toV1: Expectation = {
  name: "requests to v1, by the gateway's proxy",
  value: (phase) => phase.proxy('gateway', outboundRequests('product', 'v1')),
  agreesWith: (phase) => phase.k6('answered_by_v1', 'count'),
  reason: 'v1 received only requests that it answered, so no retry moved there from v2',
};

/** Returns how often a request that was drawn for v2 was sent there. */
function triesAtV2(phase: Phase): number {
  const drawn = phase.k6('http_reqs', 'count') - phase.k6('answered_by_v1', 'count');
  return phase.proxy('gateway', outboundRequests('product', 'v2')) / drawn;
}

export default {
  summary: 'shows that a retry stays in the version that was drawn for the request',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 1 },
  disturbance: { faults: { 'product-v2-1': { errorRate: 0.5 } }, inBaseline: true },
  expectations: [
    failures(
      ['rate>=0.003', 'rate<=0.048'],
      '20 % × 50 % of 900 requests vary by 1 point (one sigma), 20 % × 0.5³ by 0.5: bounds at 4.2 sigma',
    ),
    toV1,
    {
      name: 'requests to v2, per request drawn for it',
      expected: '1 → 1.75 ± 0.27',
      value: triesAtV2,
      holds: (observed, baseline) => Math.abs(baseline - 1) <= 0.01 && Math.abs(observed - 1.75) <= 0.27,
      reason: '1 + 0.5 + 0.5² tries; over 180 requests the mean varies by 0.062',
    },
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=900', observe: 'count>=900', restore: 'count>=150' },
      reason: 'the tolerances follow from this number',
    },
  ],
  variants: {
    trap: {
      summary: 'retries hide a canary that fails half of its requests',
      expectations: [
        failures('rate<=0.01', '20 % × 0.5⁷ = 0.16 % of 900 requests vary by 0.13 points'),
        toV1,
        {
          name: "share of errors of the canary, by its own sidecar's count",
          unit: '%',
          expected: '50 ± 16 %',
          value: (phase) =>
            phase.proxy('product-v2-1', inboundFailures) / phase.proxy('product-v2-1', inboundRequests),
          holds: (observed, baseline) => [observed, baseline].every((share) => Math.abs(share - 0.5) <= 0.16),
          reason: 'the canary is as bad as before; 180 requests vary by 3.7 points (one sigma)',
        },
      ],
    },
  },
} satisfies Experiment;
