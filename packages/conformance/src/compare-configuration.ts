import type { ClusterAccess } from '@meshmart/cluster/access';
import { runSteps } from '@meshmart/terminal/progress';
import {
  type ConfigurationComparison,
  compareWithKnownDifferences,
  type Pair,
} from './compare-with-known-differences.ts';
import { beginConfigurationRun } from './configuration.ts';
import { knownDifferences } from './differences.ts';
import { writeRecording } from './recording.ts';
import { checkout, listStatesOfExperiments, recordedStates } from './states.ts';

/**
 * Compares all states on a running cluster, and shows each as a step. Restores the standing mesh at the end, even on
 * failure.
 *
 * @param recording folder for a recording of istiod's side
 */
export async function compareConfiguration(
  access: ClusterAccess,
  { signal, recording }: { signal: AbortSignal; recording?: string },
): Promise<ConfigurationComparison> {
  const run = beginConfigurationRun(access, checkout);
  const states = [...recordedStates, ...(await listStatesOfExperiments())];
  const pairs: Pair[] = [];
  const steps = states.map((state) => ({
    title: `configuration: ${state.name}`,
    run: async () => pairs.push(await run.dump(state, signal)),
  }));
  try {
    await runSteps([{ title: 'waiting for other experiments on the cluster', run: () => run.wait(signal) }]);
    await runSteps(steps);
  } finally {
    await runSteps([{ title: 'configuration: restore the standing mesh', run: () => run.end() }]);
  }
  if (recording) await writeRecording(recording, checkout, recordedStates, pairs);
  return compareWithKnownDifferences(pairs, knownDifferences);
}
