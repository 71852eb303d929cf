import { afterAll, beforeAll, inject, test } from 'vitest';
import { type ExperimentRuns, expectPass, prepareRuns } from '../experiment-runs.ts';
import { expectStandingState } from './standing-mesh.ts';

let runs: ExperimentRuns;

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
])('%s is proven by its numbers, and gone afterwards', async (name) => {
  expectPass(name, 'cluster', await runs.run(name));
  await expectStandingState();
});
