import { join } from 'node:path';
import { listExperiments } from '@meshmart/experiment-runner/find-experiments';
import { config } from '@meshmart/toolchain/config';
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

const experiments = await listExperiments(join(config.root, 'experiments'));
const patterns = experiments.filter(({ needs, action }) => needs.targets.includes('cluster') && !action);

test.each(patterns.map(({ name }) => name))(
  '%s is proven by its numbers, and gone afterwards',
  measured,
  async (name) => {
    expectPass(name, 'cluster', await runs.run(name));
    await expectStandingState();
  },
);

test('gitops-drift says that it needs Argo CD where Helm has brought the store', async () => {
  const { code, output } = await runs.run('gitops-drift');
  expect(output).toContain('gitops-drift needs a store that Argo CD deploys, and Helm deployed this one');
  expect(output).not.toContain('baseline');
  expect(code).toBe(1);
});
