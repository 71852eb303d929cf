import { readAdmin } from '@meshmart/cluster/store';
import { findRunningCluster, type RunningCluster } from '@meshmart/cluster-lifecycle/running';
import { lastLine, ToolFailedError } from '@meshmart/processes/run-tool';
import { runK6 } from '../k6.ts';
import type { Platform } from '../platform.ts';
import { analyze } from './analyze.ts';
import { takeSnapshot } from './counters.ts';
import { listInstances } from './instances.ts';
import { readTraces } from './jaeger.ts';
import { createKube, type Kube } from './kube.ts';
import { runLoadJob } from './load-job.ts';
import { readObjects } from './manifests.ts';
import { createOverlay } from './overlay.ts';
import { listRollouts } from './rollouts.ts';
import { hasApplication } from './self-heal.ts';
import { setSickness } from './sickness.ts';

/** The store on a running cluster, which stays as it is when disposed of. @throws UserError when there is none of that name */
export function findClusterPlatform(name: string, k6: string): Platform {
  const cluster = findRunningCluster(name);
  return clusterPlatform(cluster, createKube(cluster.access), k6);
}

export function clusterPlatform({ access, gatewayUrl }: RunningCluster, kube: Kube, k6: string): Platform {
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
    check: (files) => check(kube, files),
    async apply(experiment, files) {
      await overlay.set(experiment, files);
      return analyze(access, files);
    },
    hold: (experiment) => overlay.hold(experiment),
    restore: () => overlay.clear(),
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
    setSickness: (instance, sickness) => setSickness(kube, instance, sickness),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** As the API server and istiod's webhook see each file, without taking it. */
async function check(kube: Kube, files: string[]): Promise<void> {
  for (const file of files) {
    if ((await readObjects([file])).length === 0) continue;
    await kube.run('apply', '-f', file, '--dry-run=server', '--validate=strict').catch((error) => {
      throw error instanceof ToolFailedError ? new Error(`${file}: ${lastLine(error.output)}`) : error;
    });
  }
}
