import { dirname } from 'node:path';
import { runKubectl } from '@meshmart/cluster/access';
import { withPortForward } from '@meshmart/cluster/port-forward';
import type { Cluster } from '@meshmart/cluster/provider';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { fromSource } from '@meshmart/cluster-from-source/provider';
import { runSteps } from '@meshmart/terminal/progress';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCluster } from '../cluster/standing-cluster.ts';
import { expectPass, prepareRuns } from '../experiment-runs.ts';
import { listObjects } from './cluster-objects.ts';
import { foreign, installForeignMesh } from './foreign-mesh.ts';

const cluster = 'e2e-existing';
const store = `${cluster}-store`;
const components = { argoCd: false, argoRollouts: false, observability: true };
const port = 9280;
const { namespace, name } = foreign.gateway;

let company: Cluster;
let before: string[];

/** Starts Kubernetes with a foreign Istio, without the store. The nodes have its images. */
beforeAll(async () => {
  company = await fromSource.prepare({ name: cluster, observability: true });
  const { signal } = new AbortController();
  await runSteps([
    ...(await company.nodeSteps(signal, components)),
    ...company.imageSteps(signal, components),
  ]);
  await installForeignMesh(company);
  const { kubectl, helm, kubeconfig } = company.access;
  process.env.PATH = [dirname(kubectl), dirname(helm), process.env.PATH].join(':');
  process.env.KUBECONFIG = kubeconfig;
  before = await listObjects(company.access);
});

afterAll(() => runCluster('down', cluster));

test.each([
  {
    gateway: 'the gateway of the cluster',
    options: ['--gateway', `${namespace}/${name}`],
    service: foreign.gateway,
  },
  { gateway: 'a gateway of its own', options: [], service: { namespace: STORE_NAMESPACE, name: 'gateway' } },
])('installs the store beside a foreign Istio with $gateway, and removes it without a trace', async (how) => {
  const { options, service } = how;
  const images = ['--tag', company.images.tag, '--mesh-revision', foreign.revision];
  await run(
    'cluster',
    'up',
    '--name',
    store,
    '--provider',
    'existing',
    '--context',
    cluster,
    '--port',
    `${port}`,
    ...images,
    ...options,
  );
  const installed = await listObjects(company.access);
  const runs = await prepareRuns(['--on', 'cluster', '--cluster', store]);
  const forward = ['port-forward', '-n', service.namespace, `service/${service.name}`, `${port}:80`];
  const { signal } = new AbortController();
  const canary = async () => expectPass('canary', 'cluster', await runs.run('canary'));
  await withPortForward(company.access, forward, canary, signal).finally(() => runs.remove());
  expect(await listObjects(company.access), 'after the canary').toEqual(installed);
  await run('cluster', 'down', '--name', store);
  expect(await listObjects(company.access), 'after "down"').toEqual(before);
  await freeVolumes();
});

async function run(...args: string[]): Promise<void> {
  const environment = {
    ...plainEnvironment,
    PATH: `${process.env.PATH}`,
    KUBECONFIG: `${process.env.KUBECONFIG}`,
  };
  const { code, output } = await runToEnd(process.execPath, [entry, ...args], environment);
  expect(code, output).toBe(0);
}

/** Makes volumes available again, which keep their data and the name of their claim by the policy Retain. */
async function freeVolumes(): Promise<void> {
  const remove = JSON.stringify([{ op: 'remove', path: '/spec/claimRef' }]);
  await runKubectl(company.access, [
    'patch',
    'persistentvolumes',
    'local-1',
    '--type',
    'json',
    '--patch',
    remove,
  ]);
}
