export { versions } from '../../../cluster/versions.mjs';

/** What is ACCEPTED when the machine already has the tool. */
export const ACCEPTED = {
  /** Envoy maintains a minor version for a year, which is four of them. */
  envoy: { from: [1, 37], below: [2, 0] },
  /** k6 promises compatible scripts and summaries within a major version. */
  k6: { from: [1, 0], below: [2, 0] },
} as const;

type Version = readonly [major: number, minor: number];

/** Whether the first `major.minor` in `text` lies in the range. */
export function isAccepted(text: string, { from, below }: { from: Version; below: Version }): boolean {
  const match = /(\d+)\.(\d+)\.\d+/.exec(text);
  if (!match) return false;
  const found: Version = [Number(match[1]), Number(match[2])];
  return compare(found, from) >= 0 && compare(found, below) < 0;
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1];
}
