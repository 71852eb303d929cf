import { join } from 'node:path';
import { listExperiments, listSharedExperiments } from '@meshmart/experiment-runner/find-experiments';
import { runTool } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { ensureK6 } from '@meshmart/toolchain/k6';
import { describe, expect } from 'vitest';
import {
  type ExperimentRuns,
  expectMutantFails,
  expectPass,
  listMutants,
  prepareRuns,
  type Run,
} from './experiment-runs.ts';
import { isLong } from './faults/is-long.ts';
import type { RunningStore } from './running-store.ts';
import { test } from './shared-store.ts';

let store: RunningStore;
let runs: ExperimentRuns;

test.beforeAll(async ({ store: running }) => {
  store = running;
  runs = await prepareRuns(['--state', store.layout.state]);
});
test.afterAll(() => runs?.remove());

/** A busy machine may disturb a measurement, which is then repeated. */
const measured = { timeout: 120_000, retry: 1 };

async function expectStandingState(): Promise<void> {
  expect(await store.status()).toMatchObject({ overlay: null });
}

const shared = await listSharedExperiments(join(config.root, 'experiments'));

test.each(shared.map(({ name }) => name))(
  '%s passes by its numbers, and restores the standing mesh',
  measured,
  async (name) => {
    expectPass(name, 'local', await runs.run(name));
    await expectStandingState();
  },
);

const mutants = await listMutants(shared);
/** At full length all of them run. */
const someMutants = isLong ? mutants : mutants.filter(({ fails }) => !fails);

describe('fails by the observed numbers', () => {
  test.each(someMutants)('$experiment with $mutant', measured, async (mutant) => {
    await expectMutantFails(runs, mutant);
    await expectStandingState();
  });
});

test.each([
  { wrong: 'malformed YAML', manifest: 'kind: [VirtualService\n', message: /istio\.yaml:\d+: / },
  {
    wrong: 'an unknown field',
    manifest:
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: store\nspec:\n  htp: []\n',
    message: /istio\.yaml:\d+: .*htp/,
  },
])('refuses a manifest with $wrong before any load', async ({ manifest, message }) => {
  const { code, output, result } = await runs.run(await runs.changeManifest('canary', () => manifest));
  expect(output).toMatch(message);
  expect(output).not.toContain('baseline');
  expect(result).toMatchObject({ verdict: 'fail', k6: { baseline: null, observed: null } });
  expect(code).toBe(1);
});

test('an interrupted run restores the standing mesh', async () => {
  let sent = false;
  const { code, output, result } = await runs.run('strict-mtls', (run, soFar) => {
    if (sent || !soFar.includes('baseline')) return;
    sent = true;
    setTimeout(() => run.kill('SIGINT'), 1000);
  });
  expect(output).toContain('interrupted by SIGINT');
  expect({ code, verdict: result.verdict }).toEqual({ code: 1, verdict: 'fail' });
  await expectStandingState();
}, 60_000);

test('a second experiment beside a running one is refused at once', async () => {
  let second: Promise<Run> | undefined;
  await runs.run('strict-mtls', (first, soFar) => {
    if (second || !soFar.includes('baseline')) return;
    second = runs.run('strict-mtls').finally(() => first.kill('SIGINT'));
  });
  expect((await second)?.output).toMatch(/the experiment strict-mtls is running/);
}, 60_000);

test('k6 accepts the options of every load without a variable of the runner', async () => {
  const k6 = await ensureK6();
  const folders = (await listExperiments(join(config.root, 'experiments'))).map(({ folder }) => folder);
  const inspections = folders.map((folder) =>
    runTool(k6, ['inspect', '--execution-requirements', join(folder, 'load.ts')]),
  );
  for (const text of await Promise.all(inspections)) expect(JSON.parse(text).maxVUs).toBeGreaterThan(0);
});
