import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterAccess } from '@meshmart/cluster/access';
import { createKube, type Kube } from '@meshmart/experiment-runner/on-cluster/kube';
import { createOverlay, waitUntilUnused } from '@meshmart/experiment-runner/on-cluster/overlay';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { dumpCluster } from './cluster.ts';
import { compareWithKnownDifferences, type Pair } from './compare-with-known-differences.ts';
import { knownDifferences } from './differences.ts';
import { dumpLocal, type MeshState, type Sources } from './local.ts';

/** Waits for endpoints, since a pod that has just started or stopped is not known everywhere at once. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 500;

/** A run that brings a cluster into one state after another, as the experiment runner does. */
interface ConfigurationRun {
  /** Resolves when no experiment is running on the cluster. */
  wait(signal: AbortSignal): Promise<unknown>;
  /**
   * Reads the proxies' configuration on both targets in a state.
   * @throws when an experiment is running on the cluster
   */
  dump(state: MeshState, signal: AbortSignal): Promise<Pair>;
  /** Restores the standing mesh. */
  end(): Promise<void>;
}

/** Begins a run. Call `end` on its result in any case. */
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

/** Reads both sides until they have no unlisted difference, or for at most 20 s. */
async function dumpState(
  kube: Kube,
  sources: Sources,
  { name, manifests, signal }: MeshState & { signal: AbortSignal },
): Promise<Pair> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const cluster = await dumpCluster(kube);
    const local = await dumpLocal(sources, manifests, Object.keys(cluster));
    const pair = { state: name, local, cluster };
    const { states } = compareWithKnownDifferences([pair], knownDifferences);
    if (states.every(({ unlisted }) => unlisted.length === 0) || Date.now() > deadline) return pair;
    throwIfInterrupted(signal);
    await sleep(PAUSE_MS);
  }
}
