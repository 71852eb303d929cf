import { readAdmin } from '@meshmart/cluster/store';
import { findRunningCluster, type RunningCluster } from '@meshmart/cluster-lifecycle/running';
import { lastLine, ToolFailedError } from '@meshmart/processes/run-tool';
import { runK6 } from '../k6.ts';
import type { Target } from '../target.ts';
import { setFaults } from './faults.ts';
import { listInstances } from './instances.ts';
import { analyze } from './istio/analyze.ts';
import { takeSnapshot } from './istio/counters.ts';
import { readTraces } from './jaeger.ts';
import { createKube, type Kube } from './kube.ts';
import { runLoadJob } from './load-job.ts';
import { readObjects } from './manifests.ts';
import { createOverlay } from './overlay.ts';
import { listRollouts } from './rollouts.ts';
import { hasApplication } from './self-heal.ts';
import { meshOf } from './store-mesh.ts';

/**
 * Uses the store on a running cluster. Disposing of the target does not stop it.
 *
 * @throws UserError when there is no such cluster
 */
export function openClusterTarget(name: string, k6: string): Target {
  const cluster = findRunningCluster(name);
  const { access, mesh } = cluster;
  return clusterTarget(cluster, createKube(access, mesh && meshOf(access, mesh)), k6);
}

/** Returns the target of a running cluster. @param k6 path of the k6 binary */
export function clusterTarget({ access, gatewayUrl }: RunningCluster, kube: Kube, k6: string): Target {
  const overlay = createOverlay(kube);
  return {
    name: 'cluster',
    failed: new AbortController().signal,
    status: async () => ({
      gatewayUrl,
      instances: await listInstances(kube),
      rollouts: await listRollouts(kube),
      isFromGit: await hasApplication(kube),
    }),
    kube,
    readAdmin: () => readAdmin(access),
    validate: (files) => validate(kube, files),
    async applyOverlay(experiment, files) {
      await overlay.set(experiment, files);
      return analyze(access, kube.mesh, files);
    },
    lock: (experiment) => overlay.lock(experiment),
    restoreStandingMesh: () => overlay.clear(),
    takeSnapshot: () => takeSnapshot(kube),
    async sendLoad(load, signal) {
      const instances = await listInstances(kube);
      const urls = instances.map((instance) => [instance.name, `http://${instance.address}:8080`]);
      const inboundUrls = Object.fromEntries(urls);
      if (load.from === 'pod' && load.enough)
        throw new Error('experiment.ts: `action` needs `loadFrom: "outside"`');
      if (load.from === 'pod') return runLoadJob(kube, { ...load, inboundUrls }, signal);
      return runK6(k6, { ...load, gatewayUrl, inboundUrls }, signal);
    },
    readTraces: (ids) => readTraces(kube, ids),
    setFaults: (instance, faults) => setFaults(kube, instance, faults),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Has the API server and istiod's webhook validate each file in a dry run. */
async function validate(kube: Kube, files: string[]): Promise<void> {
  for (const file of files) {
    if ((await readObjects([file])).length === 0) continue;
    await kube.run('apply', '-f', file, '--dry-run=server', '--validate=strict').catch((error) => {
      throw error instanceof ToolFailedError ? new Error(`${file}: ${lastLine(error.output)}`) : error;
    });
  }
}
