import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ACCESS_TOKEN_LIFETIME_S } from '@meshmart/service/config';

/** How much the clocks of replicas and verifiers may differ. */
const CLOCK_SKEW_MS = 60_000;

/** A private ES256 key as a JWK (RFC 7517), and when it is in use; times in RFC 3339. */
export interface SigningKey extends Record<'kty' | 'crv' | 'x' | 'y' | 'd' | 'kid', string> {
  /** The key of those that sign already which began last is the one that signs. Missing: since ever. */
  signsFrom?: string;
  /** Until when verifiers find it at /.well-known/jwks.json. Missing: until it is replaced. */
  publishedUntil?: string;
}

export function signsAt({ signsFrom }: SigningKey): number {
  return signsFrom === undefined ? 0 : Date.parse(signsFrom);
}

export function endsAt({ publishedUntil }: SigningKey): number {
  return publishedUntil === undefined ? Number.POSITIVE_INFINITY : Date.parse(publishedUntil);
}

/** @returns the key that signs at a time in milliseconds, or undefined when none does */
export function findSigning<K extends SigningKey>(keys: K[], at: number): K | undefined {
  const able = keys.filter((key) => signsAt(key) <= at && at < endsAt(key));
  return able.sort((a, b) => signsAt(b) - signsAt(a))[0];
}

export function makeSigningKey(signsFrom: Date): SigningKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...toSigningKey(privateKey), signsFrom: signsFrom.toISOString() };
}

function toSigningKey(privateKey: KeyObject): SigningKey {
  const jwk = privateKey.export({ format: 'jwk' });
  const { kty, crv, x, y, d } = jwk as Record<'kty' | 'crv' | 'x' | 'y' | 'd', string>;
  // The key id is the key's thumbprint: RFC 7638, members in this very order.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kty, crv, x, y, d, kid };
}

/**
 * Puts a new key beside the old ones. It is published at once and signs after the overlap, when every verifier has fetched it;
 * the old ones stay published until the last token that they have signed is over. All of it follows from the times in the file,
 * so that replicas which read it need not speak with each other.
 *
 * @param overlapMs longer than verifiers go without fetching the keys anew
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
 * Reads a set of keys; a private key in PEM, as openssl and Helm make one, is a set of that key.
 *
 * @throws when there is no such file, or something else is in it
 */
export function readKeysFile(path: string): SigningKey[] {
  const text = readFileSync(path, 'utf8');
  const { keys }: { keys?: SigningKey[] } = text.startsWith('-----BEGIN')
    ? { keys: [toSigningKey(createPrivateKey(text))] }
    : JSON.parse(text);
  if (!keys?.length) throw new Error('the signing keys file holds no key');
  for (const key of keys) {
    const { kty, crv, x, y, d } = key;
    if (kty !== 'EC' || crv !== 'P-256' || !x || !y || !d)
      throw new Error('the signing keys must be private EC keys on P-256');
    if (Number.isNaN(signsAt(key)) || Number.isNaN(endsAt(key)))
      throw new Error('the times of the signing keys must be as RFC 3339 has them');
  }
  return keys;
}

/** Writes a set of keys in one step, for its owner only. Of two who do it at once the last one stands, which is a set, too. */
export function writeKeysFile(path: string, keys: SigningKey[]): void {
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}
