import { createHash, createHmac, randomBytes } from 'node:crypto';

const ID_BYTES = 16;
const SECRET_BYTES = 32;

/** What a refresh token says: which session it belongs to, and 256 bits that only its holder knows. */
export interface RefreshToken {
  sessionId: string;
  secret: Uint8Array;
}

/** 64 characters that mean nothing to whoever carries them. */
export function writeRefreshToken({ sessionId, secret }: RefreshToken): string {
  return Buffer.concat([Buffer.from(sessionId.replaceAll('-', ''), 'hex'), secret]).toString('base64url');
}

/** @returns null for what cannot be one of ours */
export function readRefreshToken(text: string): RefreshToken | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== ID_BYTES + SECRET_BYTES || bytes.toString('base64url') !== text) return null;
  const sessionId = bytes.toString('hex', 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return { sessionId, secret: bytes.subarray(ID_BYTES) };
}

export function makeSecret(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(SECRET_BYTES));
}

/** What the database keeps of a token. A plain hash is enough for 256 random bits; nobody guesses those. */
export function hashSecret(secret: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

/**
 * The secret that comes after another one. Made from it and a random nonce, so that it can be given out once more to whoever
 * has lost the answer: the database has the nonce, only the client has the secret, and neither is of use without the other.
 */
export function deriveSuccessor(secret: Uint8Array, nonce: Uint8Array): Uint8Array {
  return createHmac('sha256', secret).update(nonce).digest();
}
