import { randomInt } from 'node:crypto';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';

const lastSeed = 2 ** 31 - 1;

/** Returns a generator of numbers in [0, 1) that a seed determines (mulberry32, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a random seed. */
export function drawSeed(): number {
  return randomInt(lastSeed + 1);
}

/** Parses a seed that a run printed. @throws like `parseWholeNumber` */
export function parseSeed(text: string): number {
  return parseWholeNumber(text, { from: 0, to: lastSeed });
}
