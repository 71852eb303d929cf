import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ACCESS_TOKEN_LIFETIME_S } from '@meshmart/service/config';

/** Tolerated difference between the clocks of replicas and verifiers. */
const CLOCK_SKEW_MS = 60_000;

/** A private ES256 key as a JWK (RFC 7517) with its period of use; times in RFC 3339. */
export interface SigningKey extends Record<'kty' | 'crv' | 'x' | 'y' | 'd' | 'kid', string> {
  /** Start of signing. The key that has started last signs. Missing: always. */
  signsFrom?: string;
  /** End of publication at /.well-known/jwks.json. Missing: until it is replaced. */
  publishedUntil?: string;
}

/** Returns when a key starts to sign, in milliseconds since the epoch; 0 if always. */
export function signsAt({ signsFrom }: SigningKey): number {
  return signsFrom === undefined ? 0 : Date.parse(signsFrom);
}

/** Returns when a key is no longer published, in milliseconds since the epoch; Infinity if never. */
export function endsAt({ publishedUntil }: SigningKey): number {
  return publishedUntil === undefined ? Number.POSITIVE_INFINITY : Date.parse(publishedUntil);
}

/** Finds the key that signs at a time in milliseconds since the epoch. */
export function findSigning<K extends SigningKey>(keys: K[], at: number): K | undefined {
  const able = keys.filter((key) => signsAt(key) <= at && at < endsAt(key));
  return able.sort((a, b) => signsAt(b) - signsAt(a))[0];
}

/** Generates a key. Its id is its thumbprint (RFC 7638). */
export function makeSigningKey(signsFrom: Date): SigningKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...toSigningKey(privateKey), signsFrom: signsFrom.toISOString() };
}

function toSigningKey(privateKey: KeyObject): SigningKey {
  const jwk = privateKey.export({ format: 'jwk' });
  const { kty, crv, x, y, d } = jwk as Record<'kty' | 'crv' | 'x' | 'y' | 'd', string>;
  // The key id is the thumbprint of RFC 7638, with its order of members.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kty, crv, x, y, d, kid };
}

/**
 * Adds a new key. It is published at once and signs after the overlap, when every verifier has fetched it. The old keys
 * stay published until their last token has expired. All of this follows from the times in the file, without
 * communication between replicas.
 *
 * @param overlapMs longer than the verifiers' longest time between two fetches
 */
export function rotateKeys(keys: SigningKey[], now: number, overlapMs: number): SigningKey[] {
  const signsFrom = now + overlapMs;
  const retired = new Date(signsFrom + ACCESS_TOKEN_LIFETIME_S * 1000 + CLOCK_SKEW_MS).toISOString();
  const kept = keys
    .filter((key) => endsAt(key) > now)
    .map((key) => ({ ...key, publishedUntil: key.publishedUntil ?? retired }));
  return [...kept, makeSigningKey(new Date(signsFrom))];
}

/**
 * Parses a set of keys. A private key in PEM, as made by openssl or Helm, is a set of one.
 *
 * @throws if the file is missing or its content is invalid
 */
export function readKeysFile(path: string): SigningKey[] {
  const text = readFileSync(path, 'utf8');
  const { keys }: { keys?: SigningKey[] } = text.startsWith('-----BEGIN')
    ? { keys: [toSigningKey(createPrivateKey(text))] }
    : JSON.parse(text);
  if (!keys?.length) throw new Error('the signing keys file contains no key');
  for (const key of keys) {
    const { kty, crv, x, y, d } = key;
    if (kty !== 'EC' || crv !== 'P-256' || !x || !y || !d)
      throw new Error('the signing keys must be private EC keys on P-256');
    if (Number.isNaN(signsAt(key)) || Number.isNaN(endsAt(key)))
      throw new Error('the times of the signing keys must follow RFC 3339');
  }
  return keys;
}

/** Writes a set of keys atomically, with mode 0600. The last of two simultaneous writes wins. */
export function writeKeysFile(path: string, keys: SigningKey[]): void {
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}
