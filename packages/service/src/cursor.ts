import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { commonProblem } from './problems.ts';

/** Encodes the sort key of a page's last row as an opaque cursor. */
export function encodeCursor(key: unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Decodes a cursor. @throws `invalid-request` if it does not contain a key of this schema */
export function decodeCursor<T extends TSchema>(cursor: string, keySchema: T): Static<T> {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Value.Check(keySchema, key)) return key;
  } catch {
    // the response is the same as for a key of another schema
  }
  throw commonProblem('invalid-request', {
    errors: [{ pointer: '/querystring/cursor', detail: 'must be the nextCursor of a page' }],
  });
}
