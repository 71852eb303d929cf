import { expect, test } from 'vitest';
import { findOtherFailures, formatSum } from '../src/totals.ts';

const passed = { passed: 2, failed: 0, skipped: 1 };
const failed = { passed: 1, failed: 1, skipped: 0 };

test('the sum is one line, with the number of skipped tests if there are any', () => {
  expect(formatSum([passed, failed])).toBe('3 passed, 1 failed, 1 skipped');
  expect(formatSum([failed])).toBe('1 passed, 1 failed');
});

test('a project in which no test ran is a failure, and so is a run that ends with an error and no failed test', () => {
  expect(findOtherFailures({ e2e: passed }, ['e2e'], 0)).toEqual([]);
  expect(findOtherFailures({ e2e: failed }, ['e2e'], 1)).toEqual([]);
  expect(findOtherFailures({ e2e: passed }, ['e2e', 'slow'], 0)).toEqual([
    'No test of the project "slow" ran',
  ]);
  expect(findOtherFailures({ e2e: { ...passed, passed: 0 } }, ['e2e'], 0)).toHaveLength(1);
  expect(findOtherFailures({ e2e: passed }, ['e2e'], 1)).toEqual([
    'Vitest ended with exit code 1, though no test failed',
  ]);
});
