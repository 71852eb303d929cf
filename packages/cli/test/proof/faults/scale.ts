import { randomInt } from 'node:crypto';

const isLong = process.env.TEST_SCALE === 'long';

/** What chance decides in a proof follows from this number: `TEST_SEED=<it>` repeats a run. Printed with every run. */
export const seed = readSeed(process.env.TEST_SEED);

console.log(`${isLong ? 'long' : 'short'}, seed ${seed} (repeat with TEST_SEED=${seed})`);

/** How much of a proof is done: the first in `npm test`, the second in `npm run test:long` (`TEST_SCALE=long`). */
export function scale<T>(short: T, long: T): T {
  return isLong ? long : short;
}

/** Numbers from 0 to below 1 that a seed decides (mulberry32, public domain). Each caller has a sequence of its own. */
export function createRandom(from: number = seed): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function readSeed(text: string | undefined): number {
  if (!text) return randomInt(2 ** 31);
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number < 2 ** 31) return number;
  throw new Error(`TEST_SEED is "${text}"; it is a whole number from 0 to ${2 ** 31 - 1}`);
}
