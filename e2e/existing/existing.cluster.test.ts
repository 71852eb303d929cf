import { dirname } from 'node:path';
import { removeClusterState } from '@meshmart/cluster/cluster-state';
import { withPortForward } from '@meshmart/cluster/port-forward';
import type { Cluster } from '@meshmart/cluster/provider';
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

/** Starts Kubernetes with a foreign Istio, without the store. The node has its images. */
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
});

afterAll(async () => {
  await runCluster('down', cluster);
  removeClusterState(store); // after a failure
});

test('installs the store beside a foreign Istio and its gateway, and removes it without a trace', async () => {
  const before = await listObjects(company.access);
  const where = ['--provider', 'existing', '--context', cluster, '--port', `${port}`];
  const how = ['--tag', company.images.tag, '--mesh-revision', foreign.revision];
  await run('cluster', 'up', '--name', store, ...where, ...how, '--gateway', `${namespace}/${name}`);
  const installed = await listObjects(company.access);

  const runs = await prepareRuns(['--on', 'cluster', '--cluster', store]);
  const forward = ['port-forward', '-n', namespace, `service/${name}`, `${port}:80`];
  const canary = async () => {
    const run = await runs.run('canary');
    // A busy machine may disturb a measurement, which is then repeated.
    expectPass('canary', 'cluster', run.code === 0 ? run : await runs.run('canary'));
  };
  const { signal } = new AbortController();
  await withPortForward(company.access, forward, canary, signal).finally(() => runs.remove());
  expect(await listObjects(company.access), 'after the canary').toEqual(installed);

  await run('cluster', 'down', '--name', store);
  expect(await listObjects(company.access), 'after "down"').toEqual(before);
});

async function run(...args: string[]): Promise<void> {
  const { PATH = '', KUBECONFIG = '' } = process.env;
  const { code, output } = await runToEnd(process.execPath, [entry, ...args], {
    ...plainEnvironment,
    PATH,
    KUBECONFIG,
  });
  expect(code, output).toBe(0);
}
