import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ensureSecrets } from '../src/platform/secrets.ts';
import { temporaryFolder } from './temporary-folder.ts';

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
