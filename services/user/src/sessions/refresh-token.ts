import { createHash, createHmac, randomBytes } from 'node:crypto';

const ID_BYTES = 16;
const SECRET_BYTES = 32;

/** The parts of a refresh token: its session, and a secret of 256 bits. */
interface RefreshToken {
  sessionId: string;
  secret: Uint8Array;
}

/** Encodes a refresh token as 64 opaque characters. */
export function writeRefreshToken({ sessionId, secret }: RefreshToken): string {
  return Buffer.concat([Buffer.from(sessionId.replaceAll('-', ''), 'hex'), secret]).toString('base64url');
}

/** Decodes a refresh token. @returns null if it is malformed */
export function readRefreshToken(text: string): RefreshToken | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== ID_BYTES + SECRET_BYTES || bytes.toString('base64url') !== text) return null;
  const sessionId = bytes.toString('hex', 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return { sessionId, secret: bytes.subarray(ID_BYTES) };
}

/** Returns 256 random bits. */
export function makeSecret(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(SECRET_BYTES));
}

/** Returns the hash that the database stores. For 256 random bits, a plain hash is enough. */
export function hashSecret(secret: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

/**
 * Derives the next secret from the last one and a random nonce, so that the service can send it again if the response
 * was lost. The database has the nonce and only the client has the secret; neither is of use without the other.
 */
export function deriveSuccessor(secret: Uint8Array, nonce: Uint8Array): Uint8Array {
  return createHmac('sha256', secret).update(nonce).digest();
}
