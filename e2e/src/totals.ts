import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';

/** Numbers of tests. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The counts of each Vitest project that ran. */
export type Totals = Record<string, Counts>;

/** The file that `totals-reporter.ts` writes. */
export const totalsFile = join(config.root, 'reports/tests.json');

/** Reads the counts of the last run. @returns an empty object if it left no file */
export function readTotals(): Totals {
  try {
    return JSON.parse(readFileSync(totalsFile, 'utf8'));
  } catch {
    return {};
  }
}

/** Lists failures that no test counts: projects in which no test ran, and a run that broke off. */
export function findOtherFailures(totals: Totals, asked: string[], exitCode: number | null): string[] {
  const empty = asked.filter((name) => !totals[name] || totals[name].passed + totals[name].failed === 0);
  const failures = empty.map((name) => `No test of the project "${name}" ran`);
  const hasFailed = failures.length > 0 || Object.values(totals).some(({ failed }) => failed > 0);
  return exitCode === 0 || hasFailed
    ? failures
    : [`Vitest ended with exit code ${exitCode}, though no test failed`];
}

/** Formats the sum of counts, as in "3 passed, 0 failed". */
export function formatSum(counts: Counts[]): string {
  const sum = (key: keyof Counts) => counts.reduce((total, one) => total + one[key], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
