import type { ComparisonExpectation, Guard, Phase, ThresholdExpectation } from './experiment.ts';

/** Requires that k6 sent every request that was due. */
export const everyRequestSent: Guard = {
  metric: 'dropped_iterations',
  thresholds: 'count==0',
  reason: 'a dropped iteration is a request that was never sent, and might have failed',
};

/** Expects that every request succeeds in every phase. */
export function noFailedRequests(reason: string): ThresholdExpectation {
  return { name: 'failed requests', unit: '%', metric: 'http_req_failed', thresholds: 'rate==0', reason };
}

/** Expects a count of 0 in the baseline and of 1 or more in the observed phase. */
export function appears(
  name: string,
  value: (phase: Phase) => number,
  reason: string,
): ComparisonExpectation {
  const holds = (observed: number, baseline: number) => baseline === 0 && observed >= 1;
  return { name, expected: '0 → ≥ 1', value, holds, reason };
}

/** Expects a count of 0 in both phases. */
export function never(name: string, value: (phase: Phase) => number, reason: string): ComparisonExpectation {
  const holds = (observed: number, baseline: number) => observed === 0 && baseline === 0;
  return { name, expected: '0', value, holds, reason };
}
