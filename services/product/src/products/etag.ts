import { problem } from '../problems.ts';

/**
 * The version of what administrators edit, as an ETag (RFC 9110, section 8.8.3). Sales change the stock without changing it:
 * nobody could save a product that sells well otherwise. So it is for If-Match only, and no answer here is ever 304.
 */
export function renderETag({ version }: { version: number }): string {
  return `"${version}"`;
}

/** @throws `precondition-required` without the header, `precondition-failed` when it is no ETag that was ever given out */
export function readIfMatch(header: string | undefined): number {
  if (header === undefined) throw problem('precondition-required');
  const [, version] = /^"(\d{1,9})"$/.exec(header) ?? [];
  if (!version) throw problem('precondition-failed');
  return Number(version);
}
