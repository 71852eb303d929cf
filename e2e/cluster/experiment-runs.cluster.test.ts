import { join } from 'node:path';
import { listExperiments } from '@meshmart/experiment-runner/find-experiments';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  type ExperimentRuns,
  expectMutantFails,
  expectPass,
  listMutants,
  prepareRuns,
  type Run,
} from '../experiment-runs.ts';
import { isLong } from '../faults/is-long.ts';
import { expectStandingState, listMesh } from './standing-mesh.ts';

let runs: ExperimentRuns;

beforeAll(async () => {
  runs = await prepareRuns(['--on', 'cluster', '--cluster', inject('cluster')]);
});

afterAll(() => runs.remove());

/** Locally the mutants of the others run. */
const chosen = (await listExperiments(join(config.root, 'experiments'))).filter(
  ({ name, needs }) =>
    needs.targets.includes('cluster') && (!needs.targets.includes('local') || name === 'canary'),
);
/** At full length all of them run. */
const mutants = (await listMutants(chosen)).filter(
  ({ experiment, fails }) => isLong || !fails || experiment === 'canary',
);

describe('fails by the observed numbers', () => {
  test.each(mutants)('$experiment with $mutant', async (mutant) => {
    await expectMutantFails(runs, mutant);
    await expectStandingState();
  });
});

test('refuses a manifest with an unknown field before any load', async () => {
  const wrong = (yaml: string) => yaml.replace('  http:', '  htp:');
  const { code, output, result } = await runs.run(await runs.changeManifest('canary', wrong));
  expect(output).toMatch(/istio\.yaml: .*unknown field "spec\.htp"/);
  expect(output).not.toContain('baseline');
  expect(result).toMatchObject({ verdict: 'fail', k6: { baseline: null, observed: null } });
  expect(code).toBe(1);
});

test('warns about a manifest that istiod accepts but that does not work', async () => {
  const change = (yaml: string) => yaml.replace('subset: v2', 'subset: v9');
  const { output, result } = await runs.run(await runs.changeManifest('canary', change));
  expect(output).toMatch(/^warning: istio\.yaml:\d+: .*product\+v9.* \(IST0101\)$/m);
  expect(result.verdict).toBe('fail');
  await expectStandingState();
});

/** Kills a run as soon as the load of a step runs. */
function killDuring(step: string, signal: NodeJS.Signals): Promise<Run> {
  let sent = false;
  return runs.run('strict-mtls', (run, soFar) => {
    if (sent || !soFar.includes(step)) return;
    sent = true;
    setTimeout(() => run.kill(signal), 3000);
  });
}

test('an interrupted run restores the standing mesh', async () => {
  const { code, output, result } = await killDuring('observe:', 'SIGINT');
  expect(output).toContain('interrupted by SIGINT');
  expect({ code, verdict: result.verdict }).toEqual({ code: 1, verdict: 'fail' });
  await expectStandingState();
});

test('the next run removes what a killed run left behind', async () => {
  const first = await killDuring('observe:', 'SIGKILL');
  expect(first.result).toBe(null);
  expect(await listMesh()).toContain('security.istio.io/PeerAuthentication/product');
  expectPass('canary', 'cluster', await runs.run('canary'));
  await expectStandingState();
});

test('a second experiment beside a running one is refused at once', async () => {
  let second: Promise<Run> | undefined;
  const { output } = await runs.run('strict-mtls', (first, soFar) => {
    if (second || !soFar.includes('baseline')) return;
    second = runs.run('canary').finally(() => first.kill('SIGINT'));
  });
  expect((await second)?.output, output).toMatch(/the experiment strict-mtls is running \(pid \d+\)/);
  await expectStandingState();
});
