import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ExperimentRuns, expectPass, prepareRuns } from '../experiment-runs.ts';
import { expectStandingState } from './standing-mesh.ts';

let runs: ExperimentRuns;

/** Machines are shared: what others have disturbed is measured once more. */
const measured = { retry: 1 };

beforeAll(async () => {
  runs = await prepareRuns(['--on', 'cluster', '--cluster', inject('cluster')]);
});

afterAll(() => runs.remove());

test.each([
  'canary',
  'fault-delay',
  'fault-abort',
  'strict-mtls',
  'outlier-ejection',
  'circuit-breaker',
  'blue-green',
  'gateway-api',
  'trace-one-checkout',
])('%s is proven by its numbers, and gone afterwards', measured, async (name) => {
  expectPass(name, 'cluster', await runs.run(name));
  await expectStandingState();
});

test('gitops-drift says that it needs Argo CD where Helm has brought the store', async () => {
  const { code, output } = await runs.run('gitops-drift');
  expect(output).toContain('gitops-drift needs Argo CD to bring the store, and Helm has brought this one');
  expect(output).not.toContain('baseline');
  expect(code).toBe(1);
});
