import type { ConstantArrivalRateScenario, SharedIterationsScenario } from 'k6/options';
import { durationS } from './phase.ts';

/** More than a machine needs that is busy with other things; what is left to do then will never be done. */
const patienceS = 30;

/** A pause of the whole machine that long drops no request: there are users for all that fall due meanwhile. */
const longestStallS = 2;

/**
 * An open load: requests start at a fixed rate whatever the answers take, so that a slow answer cannot lower the load
 * and hide itself (coordinated omission).
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
 * A load for counting shares: as many requests as `ratePerS` gives in the phase, by a few users at once. Goes with the
 * option `rps`, which holds them to that rate; a machine that is busy with something else takes longer, and the sample
 * is as large as ever.
 */
export function fixedSample(ratePerS: number): SharedIterationsScenario {
  return {
    executor: 'shared-iterations',
    vus: 20,
    iterations: ratePerS * durationS,
    maxDuration: `${durationS * 6 + patienceS}s`,
  };
}
