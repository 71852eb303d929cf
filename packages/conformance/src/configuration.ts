import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAccess } from '@meshmart/cluster/access';
import { createKube, type Kube } from '@meshmart/experiment-runner/on-cluster/kube';
import { createOverlay, waitUntilUnused } from '@meshmart/experiment-runner/on-cluster/overlay';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { dumpCluster } from './cluster.ts';
import { compareWithKnownDifferences, type Pair } from './compare-with-known-differences.ts';
import { knownDifferences } from './differences.ts';
import { dumpLocal, type MeshState, type Sources } from './local.ts';

/** Endpoints follow the pods, and no manifest: a pod that has come or gone just now may not be known everywhere. */
const patienceMs = 20_000;
const pauseMs = 500;

/** A cluster that is brought from one state into the other, as the runner of experiments does it. */
export interface ConfigurationRun {
  /** Resolves when no experiment runs on the cluster. */
  wait(signal: AbortSignal): Promise<unknown>;
  /** What both platforms tell their proxies in this state. @throws when an experiment runs on the cluster */
  dump(state: MeshState, signal: AbortSignal): Promise<Pair>;
  /** Brings the standing mesh back. */
  end(): Promise<void>;
}

export function beginConfigurationRun(access: ClusterAccess, sources: Sources): ConfigurationRun {
  const kube = createKube(access);
  const overlay = createOverlay(kube);
  return {
    wait: (signal) => waitUntilUnused(kube, signal),
    async dump(state, signal) {
      throwIfInterrupted(signal);
      await overlay.set('conformance', state.manifests);
      return dumpState(kube, sources, { ...state, signal });
    },
    end: () => overlay.clear(),
  };
}

/** Both sides as soon as nothing unlisted is left, or as they are after a while. */
async function dumpState(
  kube: Kube,
  sources: Sources,
  { name, manifests, signal }: MeshState & { signal: AbortSignal },
): Promise<Pair> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const cluster = await dumpCluster(kube);
    const local = await dumpLocal(sources, manifests, Object.keys(cluster));
    const pair = { state: name, local, cluster };
    const { states } = compareWithKnownDifferences([pair], knownDifferences);
    if (states.every(({ unlisted }) => unlisted.length === 0) || Date.now() > deadline) return pair;
    throwIfInterrupted(signal);
    await sleep(pauseMs);
  }
}
