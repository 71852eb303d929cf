import { pino } from 'pino';
import { expect, test } from 'vitest';
import { optional } from '../src/optional.ts';

const log = pino({ level: 'silent' });

test('returns an optional part, or undefined if it fails', async () => {
  expect(await optional(Promise.resolve('chips'), { log, name: 'chips' })).toBe('chips');
  expect(await optional(Promise.reject(new Error('no')), { log, name: 'chips' })).toBeUndefined();
});

test('returns undefined if an optional part takes too long', async () => {
  expect(await optional(new Promise(() => {}), { log, name: 'chips' })).toBeUndefined();
});
