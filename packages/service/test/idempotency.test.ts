import { expect, test } from 'vitest';
import { claimKey, type RawDatabase } from '../src/idempotency.ts';

test('a key that is forgotten between the two looks at it is not called reused', async () => {
  const database: RawDatabase = { $queryRaw: async <T>() => [] as T };
  const request = { scope: 'ada POST /orders', key: 'k', fingerprint: 'f' };
  await expect(claimKey(database, request, 'id')).rejects.toMatchObject({
    type: 'urn:meshmart:problem:idempotency-key-in-use',
  });
});
