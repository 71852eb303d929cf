import { join } from 'node:path';
import { listExperiments } from '@meshmart/experiment-runner/find-experiments';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type ExperimentRuns, expectPass, prepareRuns } from '../experiment-runs.ts';
import { expectStandingState } from './standing-mesh.ts';

let runs: ExperimentRuns;

/** A busy machine may disturb a measurement, which is then repeated. */
const measured = { retry: 1 };

beforeAll(async () => {
  runs = await prepareRuns(['--on', 'cluster', '--cluster', inject('cluster')]);
});

afterAll(() => runs.remove());

/** A shared experiment for each kind of resource. `./meshmart experiment --all --on cluster` runs all. */
const chosen = new Set(['canary', 'outlier-ejection', 'strict-mtls']);
const experiments = await listExperiments(join(config.root, 'experiments'));
const patterns = experiments.filter(
  ({ name, needs, action }) =>
    needs.targets.includes('cluster') && !action && (chosen.has(name) || !needs.targets.includes('local')),
);

test.each(patterns.map(({ name }) => name))(
  '%s passes by its numbers, and restores the standing mesh',
  measured,
  async (name) => {
    expectPass(name, 'cluster', await runs.run(name));
    await expectStandingState();
  },
);

test('gitops-drift requires a store that Argo CD has deployed', async () => {
  const { code, output } = await runs.run('gitops-drift');
  expect(output).toContain('gitops-drift needs a store that Argo CD deploys, and Helm deployed this one');
  expect(output).not.toContain('baseline');
  expect(code).toBe(1);
});
