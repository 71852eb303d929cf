import { expect, test } from 'vitest';
import { claimKey, type RawDatabase, readIdempotencyKey } from '../src/idempotency.ts';

test('a key that expires between the two reads is not reported as reused', async () => {
  const database: RawDatabase = { $queryRaw: async <T>() => [] as T };
  const request = { scope: 'ada POST /orders', key: 'k', fingerprint: 'f' };
  await expect(claimKey(database, request, 'id', '')).rejects.toMatchObject({
    type: 'urn:meshmart:problem:idempotency-key-in-use',
  });
});

const readFingerprint = (body: string) =>
  readIdempotencyKey({ headers: { 'idempotency-key': 'k' }, body: JSON.parse(body) }).fingerprint;

test.each([
  ['{"a": 1, "b": [{"c": 2, "d": null}]}', '{"b": [{"d": null, "c": 2}], "a": 1.0}', true],
  ['{"a": [1, 2]}', '{"a": [2, 1]}', false],
  ['{"a": 1}', '{"a": "1"}', false],
  ['{"a": {}}', '{"a": []}', false],
  ['{"a": 1}', '{"a": 1, "b": null}', false],
  ['{"__proto__": 1}', '{"__proto__": 2}', false],
])('%s and %s are the same request: %s', (one, other, isSame) => {
  expect(readFingerprint(one) === readFingerprint(other)).toBe(isSame);
});
