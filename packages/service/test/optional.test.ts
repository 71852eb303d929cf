import { pino } from 'pino';
import { expect, test } from 'vitest';
import { optional } from '../src/optional.ts';

const log = pino({ level: 'silent' });

test('gives an optional part, or nothing when it fails', async () => {
  expect(await optional(Promise.resolve('chips'), { log, name: 'chips' })).toBe('chips');
  expect(await optional(Promise.reject(new Error('no')), { log, name: 'chips' })).toBeUndefined();
});

test('gives nothing when an optional part does not come in time', async () => {
  expect(await optional(new Promise(() => {}), { log, name: 'chips' })).toBeUndefined();
});
