import { randomUUID } from 'node:crypto';
import { PAUSE } from '@meshmart/cluster/gitops/applications';
import { findRunningCluster } from '@meshmart/cluster-lifecycle/running';
import { createKube, type Kube } from '@meshmart/experiment-runner/on-cluster/kube';
import { pauseSelfHeal } from '@meshmart/experiment-runner/on-cluster/self-heal';
import { eventually } from '@meshmart/test-support/eventually';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { runCluster } from '../cluster/standing-cluster.ts';
import { expectPass, prepareRuns } from '../experiment-runs.ts';
import { isLong } from '../faults/is-long.ts';

/** Number of good revisions, and of bad ones. */
const canaries = isLong ? 20 : 1;
const patienceMs = 300_000;
const { TEST_CLUSTER: existing } = process.env;
const name = existing ?? 'e2e-canaries';

beforeAll(async () => {
  if (!existing) await runCluster('up', name, '--provider', 'from-source', '--environment', 'rollouts');
});
afterAll(async () => {
  if (!existing) await runCluster('down', name);
});

test(`${canaries} good revisions are promoted, and ${canaries} bad ones are aborted`, async () => {
  const runs = await prepareRuns(['--on', 'cluster', '--cluster', name, '--rounds', String(canaries)]);
  const run = await runs.run('progressive-canary').finally(() => runs.remove());
  console.log(run.output);
  expectPass('progressive-canary', 'cluster', run);
});

test('the storefront switches to a revision at once, reverts a bad one, and keeps a good one', async () => {
  const kube = createKube(findRunningCluster(name).access);
  await pauseSelfHeal(kube, 'storefront');
  const resume = ['annotate', 'applications.argoproj.io/storefront', '--namespace', 'argocd', `${PAUSE}-`];
  onTestFinished(async () => void (await kube.run(...resume)));
  const env = '/spec/template/spec/containers/0/env';
  const { spec } = await readStorefront(kube);
  const last = spec.template.spec.containers[0]?.env.length;

  const faults = { name: 'FAULTS', value: '{"errorRate":0.3}' };
  await bring(kube, { op: 'add', path: `${env}/-`, value: faults });
  expect(await waitForEnd(kube)).toBe('rolled back');
  await bring(kube, { op: 'remove', path: `${env}/${last}` });
  expect(await waitForEnd(kube)).toBe('stayed');
});

/** The parts read here of https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
interface Rollout {
  spec: { template: { spec: { containers: { env: object[] }[] } } };
  status: {
    phase?: string;
    abort?: boolean;
    currentPodHash: string;
    stableRS: string;
    blueGreen: { activeSelector: string };
  };
}

const storefront = 'rollouts.argoproj.io/storefront';

async function readStorefront(kube: Kube): Promise<Rollout> {
  return JSON.parse(await kube.run('get', storefront, '--output', 'json'));
}

async function bring(kube: Kube, change: object): Promise<void> {
  const note = '/spec/template/metadata/annotations/meshmart.example~1revision';
  const changes = [{ op: 'add', path: note, value: randomUUID() }, change];
  await kube.run('patch', storefront, '--type', 'json', '--patch', JSON.stringify(changes));
}

/** Counted from the moment when the new revision gets all requests. */
async function waitForEnd(kube: Kube): Promise<'stayed' | 'rolled back'> {
  await eventually(async () => {
    const { currentPodHash, stableRS, blueGreen } = (await readStorefront(kube)).status;
    return currentPodHash !== stableRS && blueGreen.activeSelector === currentPodHash;
  }, patienceMs);
  return eventually(async () => {
    const { phase, abort, currentPodHash, stableRS, blueGreen } = (await readStorefront(kube)).status;
    if (abort && blueGreen.activeSelector === stableRS) return 'rolled back';
    return phase === 'Healthy' && currentPodHash === stableRS && 'stayed';
  }, patienceMs);
}
