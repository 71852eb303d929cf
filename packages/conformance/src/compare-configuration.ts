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
 * Compares all states on a running cluster, which has the standing mesh again in the end; each is shown as a step.
 *
 * @param recording folder to which istiod's side is written
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
    await runSteps([{ title: 'until no experiment runs on the cluster', run: () => run.wait(signal) }]);
    await runSteps(steps);
  } finally {
    await runSteps([{ title: 'configuration: the standing mesh again', run: () => run.end() }]);
  }
  if (recording) await writeRecording(recording, checkout, recordedStates, pairs);
  return compareWithKnownDifferences(pairs, knownDifferences);
}
