import { problem } from '../problems.ts';

/**
 * The version of what administrators edit, as an ETag (RFC 9110, section 8.8.3). Sales change the stock without changing it:
 * nobody could save a product that sells well otherwise. So it is for If-Match only, and no answer here is ever 304.
 */
export function renderETag({ version }: { version: number }): string {
  return `"${version}"`;
}

/**
 * Returns the versions that an edit may find (RFC 9110, section 13.1.1), or `any` for `*`. A weak tag matches nothing, as does
 * one that was never given out.
 *
 * @throws `precondition-required` without the header
 */
export function readIfMatch(header: string | undefined): number[] | 'any' {
  if (header === undefined) throw problem('precondition-required');
  if (header.trim() === '*') return 'any';
  const tags = header.split(',').map((tag) => /^"(\d{1,9})"$/.exec(tag.trim())?.[1]);
  return tags.flatMap((version) => (version === undefined ? [] : [Number(version)]));
}
