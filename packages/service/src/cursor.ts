import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { commonProblem } from './problems.ts';

/** An opaque page cursor: the sort key of the last row that was given out. */
export function encodeCursor(key: unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @param keySchema the shape of the sort key. @throws `invalid-request` when the cursor holds something else */
export function decodeCursor<T extends TSchema>(cursor: string, keySchema: T): Static<T> {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Value.Check(keySchema, key)) return key;
  } catch {
    // what is not JSON gets the same answer as JSON of another shape
  }
  throw commonProblem('invalid-request', {
    errors: [{ pointer: '/querystring/cursor', detail: 'must be the nextCursor of a page' }],
  });
}
