import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { ensureSecrets } from '../src/secrets.ts';

test('makes a signing key and a password once, readable by their owner only', () => {
  const folder = temporaryFolder();
  const first = ensureSecrets(folder);
  const [key] = JSON.parse(readFileSync(first.signingKeysFile, 'utf8')).keys;
  expect(key).toMatchObject({
    kty: 'EC',
    crv: 'P-256',
    kid: expect.any(String),
    signsFrom: expect.any(String),
  });
  expect(
    sign('sha256', Buffer.from('token'), createPrivateKey({ key, format: 'jwk' })).length,
  ).toBeGreaterThan(60);
  expect(statSync(first.signingKeysFile).mode & 0o777).toBe(0o600);
  expect(first.admin.password.length).toBeGreaterThanOrEqual(16);
  expect(ensureSecrets(folder)).toEqual(first);
});
