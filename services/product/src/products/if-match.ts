import { problem } from '../problems.ts';

/**
 * Returns the versions in an If-Match header (RFC 9110, section 13.1.1), or `any` for `*`. Weak and malformed tags
 * match no version.
 *
 * @throws `precondition-required` without the header
 */
export function readIfMatch(header: string | undefined): number[] | 'any' {
  if (header === undefined) throw problem('precondition-required');
  if (header.trim() === '*') return 'any';
  const tags = header.split(',').map((tag) => /^"(\d{1,9})"$/.exec(tag.trim())?.[1]);
  return tags.flatMap((version) => (version === undefined ? [] : [Number(version)]));
}
