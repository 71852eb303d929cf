import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { addTotals, formatTotals, readReport, type Totals } from '../src/test-totals.ts';
import { readTurboSummary } from '../src/turbo-summary.ts';

function writeReport(report: object): string {
  const file = join(temporaryFolder(), 'vitest.json');
  const counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  writeFileSync(file, JSON.stringify({ success: true, ...counts, testResults: [], ...report }));
  return file;
}

test('reads what vitest reports', () => {
  const report = {
    success: false,
    numPassedTests: 5,
    numFailedTests: 2,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [
      {
        name: join(config.root, 'services/order/test/saga.test.ts'),
        assertionResults: [
          { status: 'passed', fullName: 'pays', failureMessages: [] },
          {
            status: 'failed',
            fullName: 'pays once',
            failureMessages: ['expected 2 to be 1\n  at saga.test.ts'],
          },
        ],
      },
    ],
  };
  const totals = readReport(writeReport(report));
  expect(totals).toMatchObject({ passed: 5, failed: 2, skipped: 2 });
  expect(formatTotals(addTotals({ passed: 1, failed: 0, skipped: 0 }, totals as Totals))).toBe(
    'failed: services/order/test/saga.test.ts: pays once: expected 2 to be 1\n6 passed, 2 failed, 2 skipped',
  );
});

test('counts a file that could not be loaded as a failure', () => {
  expect(readReport(writeReport({ success: false, numPassedTests: 5 }))).toMatchObject({ failed: 1 });
});

test('takes a missing report, or one without tests, for none', () => {
  expect(readReport(join(temporaryFolder(), 'vitest.json'))).toBeUndefined();
  expect(readReport(writeReport({}))).toBeUndefined();
});

test('sums up in one line', () => {
  const sum = addTotals({ passed: 3, failed: 0, skipped: 0 }, { passed: 4, failed: 1, skipped: 0 });
  expect(formatTotals(sum)).toBe('7 passed, 1 failed');
  expect(formatTotals({ ...sum, skipped: 2 })).toBe('7 passed, 1 failed, 2 skipped');
});

test('a task that turbo never came to has failed, and one that was not asked for does not count', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, '.turbo/runs'), { recursive: true });
  const tasks = [
    {
      taskId: 'order#test',
      task: 'test',
      directory: 'services/order',
      command: 'vitest run',
      execution: { exitCode: 0 },
    },
    { taskId: 'user#test', task: 'test', directory: 'services/user', command: 'vitest run' },
    { taskId: 'order#generate', task: 'generate', directory: 'services/order', command: 'prisma generate' },
    { taskId: 'loadtest#test', task: 'test', directory: 'loadtest', command: '<NONEXISTENT>' },
  ];
  writeFileSync(join(root, '.turbo/runs/1.json'), JSON.stringify({ tasks }));
  expect(readTurboSummary(root, ['test'], 0).map(({ taskId, exitCode }) => [taskId, exitCode])).toEqual([
    ['order#test', 0],
    ['user#test', 1],
  ]);
  expect(() => readTurboSummary(root, ['test'], Date.now() + 1000)).toThrow('turbo left no summary');
});
