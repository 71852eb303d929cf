import { commonProblem } from './problems.ts';

/** An opaque page cursor: the sort key of the last row that was given out. */
export function encodeCursor(key: string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @throws `invalid-request` when it is not a cursor with `parts` parts */
export function decodeCursor(cursor: string, parts: number): string[] {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.length === parts && key.every((part) => typeof part === 'string'))
      return key;
  } catch {
    // falls through to the same answer as a cursor of the wrong shape
  }
  throw commonProblem('invalid-request', {
    errors: [{ pointer: '/querystring/cursor', detail: 'must be the nextCursor of a page' }],
  });
}
