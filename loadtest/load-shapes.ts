import type { ConstantArrivalRateScenario, SharedIterationsScenario } from 'k6/options';
import { durationS } from './phase.ts';

/** Extra time for a busy machine to finish a sample. */
const extraS = 30;

/** The longest stall of the machine that drops no request: there are users for all requests that fall due meanwhile. */
const longestStallS = 2;

/**
 * Returns an open load: requests start at a fixed rate, whether or not earlier ones have a response. Slow responses can
 * therefore not lower the load and hide themselves (coordinated omission).
 */
export function steadyRate(ratePerS: number): ConstantArrivalRateScenario {
  const users = ratePerS * longestStallS;
  return {
    executor: 'constant-arrival-rate',
    rate: ratePerS,
    timeUnit: '1s',
    duration: `${durationS}s`,
    preAllocatedVUs: users,
    maxVUs: users * 2,
  };
}

/**
 * Returns a load for counting shares: `ratePerS` requests for each second of the phase, from 20 users at once. The
 * script's option `rps` limits their rate. A busy machine takes longer, but the sample has the same size.
 */
export function fixedSample(ratePerS: number): SharedIterationsScenario {
  return {
    executor: 'shared-iterations',
    vus: 20,
    iterations: ratePerS * durationS,
    maxDuration: `${durationS * 6 + extraS}s`,
  };
}
