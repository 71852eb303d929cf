import { randomInt } from 'node:crypto';
import { createRandom as createRandomFrom } from '../../../src/experiment/random.ts';

const isLong = process.env.TEST_SCALE === 'long';

/** What chance decides in a proof follows from this number: `TEST_SEED=<it>` repeats a run. Printed with every run. */
export const seed = readSeed(process.env.TEST_SEED);

console.log(`${isLong ? 'long' : 'short'}, seed ${seed} (repeat with TEST_SEED=${seed})`);

/** How much of a proof is done: the first in `npm test`, the second in `npm run test:long` (`TEST_SCALE=long`). */
export function scale<T>(short: T, long: T): T {
  return isLong ? long : short;
}

/** Numbers from 0 to below 1 that the seed decides. Each caller has a sequence of its own. */
export function createRandom(): () => number {
  return createRandomFrom(seed);
}

function readSeed(text: string | undefined): number {
  if (!text) return randomInt(2 ** 31);
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number < 2 ** 31) return number;
  throw new Error(`TEST_SEED is "${text}"; it is a whole number from 0 to ${2 ** 31 - 1}`);
}
