import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSigningKey, writeKeysFile } from '@meshmart/user/keys-file';

export interface Secrets {
  /** Private keys that sign the users' tokens: a JWK set (RFC 7517) with the times at which each is in use. */
  signingKeysFile: string;
  admin: { email: string; password: string };
}

export function signingKeysFileIn(directory: string): string {
  return join(directory, 'signing-keys.json');
}

/** Makes the secrets on the first start, readable by their owner only, and keeps them from then on. */
export function ensureSecrets(directory: string): Secrets {
  const signingKeysFile = signingKeysFileIn(directory);
  const passwordFile = join(directory, 'admin-password');
  if (!existsSync(signingKeysFile)) writeKeysFile(signingKeysFile, [makeSigningKey(new Date())]);
  if (!existsSync(passwordFile)) writeSecret(passwordFile, randomBytes(12).toString('base64url'));
  const password = readFileSync(passwordFile, 'utf8').trim();
  return { signingKeysFile, admin: { email: 'admin@meshmart.example', password } };
}

function writeSecret(file: string, content: string): void {
  writeFileSync(`${file}.new`, `${content}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
