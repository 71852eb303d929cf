import type { Guard } from './experiment.ts';

/** Requires that k6 sent every request that was due. */
export const everyRequestSent: Guard = {
  metric: 'dropped_iterations',
  thresholds: 'count==0',
  reason: 'a dropped iteration is a request that was never sent, and might have failed',
};
