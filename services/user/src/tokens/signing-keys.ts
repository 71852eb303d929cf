import { readFile } from 'node:fs/promises';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';

type PublicKey = Record<'kty' | 'crv' | 'x' | 'y' | 'alg' | 'use' | 'kid', string>;

export interface SigningKeys {
  /** What new tokens are signed with, and the key id that goes into their header. */
  privateKey: Parameters<import('jose').SignJWT['sign']>[0];
  keyId: string;
  /** What everybody may see: the JWK set at /.well-known/jwks.json. */
  publicKeys: PublicKey[];
  /** Finds the key of a token of ours, without asking ourselves over the network. */
  verifyKeys: JWTVerifyGetKey;
}

/** @param path a private JWK set. @throws when it cannot be read or holds no ES256 key */
export async function readSigningKeys(path: string): Promise<SigningKeys> {
  const { keys } = JSON.parse(await readFile(path, 'utf8')) as { keys: JWK[] };
  return loadSigningKeys(keys);
}

/** A set of one new key, as the first start writes it and tests use it. */
export async function createSigningKeys(): Promise<SigningKeys> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return loadSigningKeys([await exportJWK(privateKey)]);
}

async function loadSigningKeys(keys: JWK[]): Promise<SigningKeys> {
  const [signing] = keys;
  if (!signing) throw new Error('the signing keys file holds no key');
  const publicKeys = await Promise.all(keys.map(toPublicKey));
  return {
    privateKey: await importJWK(signing, 'ES256'),
    keyId: await calculateJwkThumbprint(signing),
    publicKeys,
    verifyKeys: createLocalJWKSet({ keys: publicKeys }),
  };
}

/** Copies the public members by name, so that a private one can never slip through. */
async function toPublicKey({ kty, crv, x, y }: JWK): Promise<PublicKey> {
  if (kty !== 'EC' || crv !== 'P-256' || !x || !y)
    throw new Error('the signing keys must be EC keys on P-256');
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  return { kty, crv, x, y, alg: 'ES256', use: 'sig', kid };
}
