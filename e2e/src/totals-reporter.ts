import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { type Totals, totalsFile } from './totals.ts';

/** Vitest reporter: writes how many tests passed, failed and were skipped, project by project. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const totals: Totals = {};
    for (const [name, files] of Map.groupBy(modules, ({ project }) => project.name)) {
      const states = files.flatMap((file) => {
        const tests = [...file.children.allTests()].map((one) => one.result().state);
        // No test has failed in a file that does not load, or whose hook fails.
        return file.ok() || tests.includes('failed') ? tests : [...tests, 'failed'];
      });
      const count = (state: string) => states.filter((one) => one === state).length;
      totals[name] = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
    }
    if (errors.length > 0) totals['outside of tests'] = { passed: 0, failed: errors.length, skipped: 0 };
    mkdirSync(dirname(totalsFile), { recursive: true });
    writeFileSync(totalsFile, JSON.stringify(totals));
  }
}
