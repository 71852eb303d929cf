import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Secrets {
  /** Private keys that sign the users' tokens: a JWK set (RFC 7517). */
  signingKeysFile: string;
  admin: { email: string; password: string };
}

/** Makes the secrets on the first start, readable by their owner only, and keeps them from then on. */
export function ensureSecrets(directory: string): Secrets {
  const signingKeysFile = join(directory, 'signing-keys.json');
  const passwordFile = join(directory, 'admin-password');
  if (!existsSync(signingKeysFile))
    writeSecret(signingKeysFile, JSON.stringify({ keys: [makeSigningKey()] }));
  if (!existsSync(passwordFile)) writeSecret(passwordFile, randomBytes(12).toString('base64url'));
  const password = readFileSync(passwordFile, 'utf8').trim();
  return { signingKeysFile, admin: { email: 'admin@meshmart.example', password } };
}

function writeSecret(file: string, content: string): void {
  writeFileSync(`${file}.new`, `${content}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function makeSigningKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' });
  // The key id is the key's thumbprint: RFC 7638, members in this very order.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kty, crv, x, y, d, kid, alg: 'ES256', use: 'sig' };
}
