import { existsSync, readFileSync } from 'node:fs';

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

/** Reads the report of vitest's `json` reporter. @returns undefined when there is none, or nothing was tested */
export function readReport(file: string): Totals | undefined {
  if (!existsSync(file)) return undefined;
  const report: VitestReport = JSON.parse(readFileSync(file, 'utf8'));
  const totals = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (totals.passed + totals.failed + totals.skipped === 0) return undefined;
  // A file that cannot even be loaded has no failed test.
  if (!report.success && totals.failed === 0) return { ...totals, failed: 1 };
  return totals;
}

export function addTotals(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The last line of `npm test`. */
export function formatTotals({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
