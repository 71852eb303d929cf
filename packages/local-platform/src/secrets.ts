import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretName } from '@meshmart/store-client/topology';
import { makeSigningKey, writeKeysFile } from '@meshmart/user/keys-file';

export interface Secrets {
  /**
   * File of the private keys that sign access tokens: a JWK set (RFC 7517) with the times at which each is in
   * use.
   */
  signingKeysFile: string;
  admin: { email: string; password: string };
}

/**
 * Returns the environment variables that pass a service's secrets to its server.
 *
 * @param names `secrets` in topology.yaml
 */
export function serverSecrets(names: SecretName[], { signingKeysFile }: Secrets): Record<string, string> {
  return names.includes('signing-keys') ? { SIGNING_KEYS_FILE: signingKeysFile } : {};
}

/**
 * Returns the environment variables that pass a service's secrets to its migration.
 *
 * @param names `secrets` in topology.yaml
 */
export function migrationSecrets(names: SecretName[], { admin }: Secrets): Record<string, string> {
  return names.includes('admin-login') ? { ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password } : {};
}

/** Returns the path of the signing keys in a folder of secrets. */
export function signingKeysFileIn(directory: string): string {
  return join(directory, 'signing-keys.json');
}

/**
 * Creates the secrets on the first start, readable by their owner only, and returns the same ones from then
 * on.
 */
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
