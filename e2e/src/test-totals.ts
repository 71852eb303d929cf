import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { config } from '@meshmart/toolchain/config';

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** A line for each test that failed: its file, its name, its message. */
  failures?: string[];
}

interface VitestReport {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; assertionResults: AssertionResult[] }[];
}

interface AssertionResult {
  status: string;
  fullName: string;
  failureMessages: string[];
}

/** Reads the report of vitest's `json` reporter. @returns undefined when there is none, or nothing was tested */
export function readReport(file: string): Totals | undefined {
  if (!existsSync(file)) return undefined;
  const report: VitestReport = JSON.parse(readFileSync(file, 'utf8'));
  const totals = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'failed')
        .map(
          (test) => `${relative(config.root, name)}: ${test.fullName}: ${firstLine(test.failureMessages)}`,
        ),
    ),
  };
  if (totals.passed + totals.failed + totals.skipped === 0) return undefined;
  // A file that cannot even be loaded has no failed test.
  if (!report.success && totals.failed === 0) return { ...totals, failed: 1 };
  return totals;
}

function firstLine([message = '']: string[]): string {
  return message.split('\n', 1)[0] ?? '';
}

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...(a.failures ?? []), ...(b.failures ?? [])],
  };
}

/** The end of `npm test`: what failed, and the totals in the last line. */
export function formatTotals({ passed, failed, skipped, failures = [] }: Totals): string {
  const totals = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return [...failures.map((failure) => `failed: ${failure}`), totals].join('\n');
}
