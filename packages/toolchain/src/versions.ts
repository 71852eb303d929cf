export { releases, supportedUntil, versions } from '../../../cluster/versions.mjs';

/** Versions that are accepted from the PATH. */
export const ACCEPTED = {
  /** Envoy maintains each minor version for a year, so four at a time. */
  envoy: { from: [1, 37], below: [2, 0] },
  /** k6 keeps scripts and summaries compatible within a major version. */
  k6: { from: [1, 0], below: [2, 0] },
} as const;

type Version = readonly [major: number, minor: number];

/** Returns whether the first version in `text` is in the range, which excludes `below`. */
export function isAccepted(text: string, { from, below }: { from: Version; below: Version }): boolean {
  const match = /(\d+)\.(\d+)\.\d+/.exec(text);
  if (!match) return false;
  const found: Version = [Number(match[1]), Number(match[2])];
  return compare(found, from) >= 0 && compare(found, below) < 0;
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1];
}
