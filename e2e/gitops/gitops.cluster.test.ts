import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runKubectl } from '@meshmart/cluster/access';
import { type Application, listApplications } from '@meshmart/cluster/gitops/applications';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { findRunningCluster } from '@meshmart/cluster-lifecycle/running';
import type { Result } from '@meshmart/experiment-runner/report';
import { runTool } from '@meshmart/processes/run-tool';
import { type Ended, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { makeTemporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyCheckout } from '../src/mutants/copy-checkout.ts';

const name = 'e2e-gitops';
const folder = makeTemporaryFolder();
/** A clone of the checkout, to which the test commits. */
const checkout = join(folder, 'checkout');

async function run(...args: string[]): Promise<Ended> {
  return runToEnd(process.execPath, [join(checkout, 'meshmart.mjs'), ...args], plainEnvironment);
}

async function expectDone(...args: string[]): Promise<string> {
  const { code, output } = await run(...args);
  expect(code, output).toBe(0);
  return output;
}

const up = () =>
  expectDone('cluster', 'up', '--provider', 'from-source', '--name', name, '--environment', 'rollouts');
const down = () => run('cluster', 'down', '--name', name);
const access = () => findRunningCluster(name).access;
const get = async (...args: string[]) =>
  JSON.parse(
    await runKubectl(access(), ['get', '--namespace', STORE_NAMESPACE, ...args, '--output', 'json']),
  );

async function commit(file: string, change: (text: string) => string): Promise<void> {
  const path = join(checkout, file);
  const [before, after] = [readFileSync(path, 'utf8'), change(readFileSync(path, 'utf8'))];
  expect(after, `${file} is changed`).not.toBe(before);
  writeFileSync(path, after);
  await git('commit', '--quiet', '--all', '--message', `Change ${file}`);
}

function git(...args: string[]): Promise<string> {
  const author = ['-c', 'user.name=e2e', '-c', 'user.email=e2e@meshmart.example'];
  return runTool('git', ['-C', checkout, ...author, ...args]);
}

/** @returns the seconds until the condition held */
async function secondsUntil(isSo: () => Promise<boolean>, withinS: number): Promise<number> {
  const begun = Date.now();
  while (!(await isSo())) {
    if (Date.now() - begun > withinS * 1000) throw new Error(`not within ${withinS} s`);
    await sleep(200);
  }
  return (Date.now() - begun) / 1000;
}

beforeAll(async () => {
  copyCheckout(config.root, checkout);
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Begin');
  await up();
});

afterAll(async () => {
  await down();
  rmSync(folder, { recursive: true, force: true });
});

const user = () => get('deployment', 'user-v1');

test('Argo CD deploys a commit in less than a minute', async () => {
  await commit('charts/service/values-user.yaml', (yaml) => `${yaml}env: { NOTE: changed }\n`);
  const isThere = async () => JSON.stringify(await user()).includes('"name":"NOTE","value":"changed"');
  console.log(`a commit was followed after ${await secondsUntil(isThere, 60)} s`);
  await expectDone('gitops', 'sync', '--cluster', name);
});

test('Argo CD reverts a manual change in less than ten seconds', async () => {
  const scale = ['scale', 'deployment/user-v1', '--replicas', '3', '--namespace', STORE_NAMESPACE];
  await runKubectl(access(), scale);
  const isBack = async () => (await user()).spec.replicas === 1;
  console.log(`a drift was reverted after ${await secondsUntil(isBack, 10)} s`);
});

test('without ignoreDifferences, Argo CD resets the weights of a canary, and the experiment fails', async () => {
  await commit('argocd/applications/values-rollouts.yaml', (yaml) =>
    yaml.replace(/^rolloutManagedRoutes: .*$/m, 'rolloutManagedRoutes: []'),
  );
  await expectDone('gitops', 'sync', '--cluster', name);
  const file = join(checkout, 'result.json');
  const where = ['--on', 'cluster', '--cluster', name, '--rounds', '1', '--json', file];
  const { output } = await run('experiment', 'progressive-canary', ...where);
  const { verdict, expectations }: Result = JSON.parse(readFileSync(file, 'utf8'));
  const setBack = expectations.find(({ name }) => name === 'weights that Argo CD reset');
  expect(setBack, output).toMatchObject({ ok: false });
  expect(verdict).toBe('fail');
});

/** Lists what Argo CD has deployed, and from which commit. */
async function listState(): Promise<object[]> {
  const describe = ({ metadata, status }: Application) => ({
    name: metadata.name,
    revision: status?.sync?.revision,
    sync: status?.sync?.status,
    health: status?.health?.status,
    resources: status?.resources?.map((one) => `${one.kind} ${one.name}: ${one.status}`).sort(),
  });
  return (await listApplications(access())).map(describe);
}

test('"down" and "up" restore the same state from Git alone', async () => {
  await expectDone('gitops', 'sync', '--cluster', name);
  const before = await listState();
  expect(before.length).toBeGreaterThan(8);
  expect((await down()).code).toBe(0);
  await up();
  expect(await listState()).toEqual(before);
  expect(await expectDone('gitops', 'diff', '--cluster', name)).not.toContain('===');
});
