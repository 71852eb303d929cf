import { createRandom as createRandomFrom, drawSeed, parseSeed } from '@meshmart/experiment-runner/random';
import { isLong } from './is-long.ts';

/** What chance decides in a proof follows from this number: `TEST_SEED=<it>` repeats a run. Printed with every run. */
export const seed = process.env.TEST_SEED ? parseSeed(process.env.TEST_SEED) : drawSeed();

console.log(`${isLong ? 'long' : 'short'}, seed ${seed} (repeat with TEST_SEED=${seed})`);

/** How much of a proof is done: the first in `npm test`, the second in `./meshmart test:soak` (`TEST_SCALE=long`). */
export function scale<T>(short: T, long: T): T {
  return isLong ? long : short;
}

/** Numbers from 0 to below 1 that the seed decides. Each caller has a sequence of its own. */
export function createRandom(): () => number {
  return createRandomFrom(seed);
}
