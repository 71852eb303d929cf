import { createRandom as createRandomFrom, drawSeed, parseSeed } from '@meshmart/experiment-runner/random';
import { isLong } from './is-long.ts';

/** Seed of every random choice in these tests. Each run prints it, and `TEST_SEED=<seed>` repeats the run. */
export const seed = process.env.TEST_SEED ? parseSeed(process.env.TEST_SEED) : drawSeed();

console.log(`${isLong ? 'long' : 'short'}, seed ${seed} (repeat with TEST_SEED=${seed})`);

/** Returns the size for `npm test`, or the one for `./meshmart test:soak` (`TEST_SCALE=long`). */
export function scale<T>(short: T, long: T): T {
  return isLong ? long : short;
}

/** Creates a generator of numbers in [0, 1) from the seed. Each call begins the same sequence anew. */
export function createRandom(): () => number {
  return createRandomFrom(seed);
}
