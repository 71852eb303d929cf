import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { listSharedExperiments } from '@meshmart/experiment-runner/find-experiments';
import { type Control, connectControl } from '@meshmart/local-platform/control/client';
import { layoutOf } from '@meshmart/local-platform/layout';
import { type Platform, startPlatform } from '@meshmart/local-platform/platform';
import { findFreePorts } from '@meshmart/processes/ports';
import { makeTemporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ExperimentRuns,
  expectFailure,
  expectPass,
  mutants,
  prepareRuns,
  type Run,
} from './experiment-runs.ts';

const state = makeTemporaryFolder();
let platform: Platform;
let control: Control;
let runs: ExperimentRuns;

beforeAll(async () => {
  const [port = 0] = await findFreePorts(1);
  platform = await startPlatform({ port, stateDirectory: state });
  control = connectControl(platform.controlSocket);
  runs = await prepareRuns(['--state', state]);
}, 180_000);

afterAll(async () => {
  await platform?.stop();
  rmSync(layoutOf(state).database, { recursive: true, force: true });
  rmSync(state, { recursive: true, force: true });
  await runs.remove();
}, 60_000);

/** Other proofs run meanwhile: what they have disturbed is measured once more. */
const measured = { timeout: 120_000, retry: 1 };

async function expectStandingState(): Promise<void> {
  expect(await control.status()).toMatchObject({ overlay: null });
}

const shared = await listSharedExperiments(join(config.root, 'experiments'));

test.each(shared.map(({ name }) => name))(
  '%s is proven by its numbers, and gone afterwards',
  measured,
  async (name) => {
    expectPass(name, 'local', await runs.run(name));
    await expectStandingState();
  },
);

describe('fails by the observed numbers', () => {
  test.each(mutants)('$mutant', measured, async (mutant) => {
    const [name = ''] = mutant.mutant.split(' ');
    expectFailure(mutant, await runs.run(await runs.changeManifest(name, mutant.change, mutant.inFull)));
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
])('refuses a manifest with $wrong before any load is sent', async ({ manifest, message }) => {
  const { code, output, result } = await runs.run(await runs.changeManifest('canary', () => manifest));
  expect(output).toMatch(message);
  expect(output).not.toContain('baseline');
  expect(result).toMatchObject({ verdict: 'fail', k6: { baseline: null, observed: null } });
  expect(code).toBe(1);
});

test('restores the standing state when it is interrupted', async () => {
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

test('waits for nobody: a second experiment beside a running one is refused', async () => {
  let second: Promise<Run> | undefined;
  await runs.run('strict-mtls', (first, soFar) => {
    if (second || !soFar.includes('baseline')) return;
    second = runs.run('strict-mtls').finally(() => first.kill('SIGINT'));
  });
  expect((await second)?.output).toMatch(/the experiment strict-mtls is running/);
}, 60_000);
