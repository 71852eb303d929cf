import { join } from 'node:path';
import type { ClusterAccess } from '@meshmart/cluster/access';
import type { TargetName } from '@meshmart/experiment-runner/experiment';
import { listSharedExperiments } from '@meshmart/experiment-runner/find-experiments';
import { createKube } from '@meshmart/experiment-runner/on-cluster/kube';
import { waitUntilUnused } from '@meshmart/experiment-runner/on-cluster/overlay';
import { openLocalTarget } from '@meshmart/experiment-runner/on-local/target';
import type { Result } from '@meshmart/experiment-runner/report';
import type { Interruption } from '@meshmart/terminal/interruption';
import { runSteps } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import { ensureK6 } from '@meshmart/toolchain/k6';
import { compareVerdicts, type ExpectationAgreement } from './compare-verdicts.ts';
import { runOn } from './run-on.ts';

interface ExperimentsOptions {
  access: ClusterAccess;
  /** Name of the cluster. */
  cluster: string;
  /** State folder of the local platform, which is started if it is not running. */
  state: string;
  interruption: Interruption;
}

/**
 * Runs every experiment that supports both targets on both, one after the other, and shows each run as a step.
 * @throws when a run cannot be started, or is interrupted
 */
export async function compareExperiments(options: ExperimentsOptions): Promise<ExpectationAgreement[]> {
  const { access, cluster, state, interruption } = options;
  const kube = createKube(access);
  const experiments = await listSharedExperiments(join(config.root, 'experiments'));
  // Keeps one local platform for all runs.
  await using local = await openLocalTarget(
    state,
    await ensureK6({ signal: interruption.stop }),
    interruption,
  );
  const signal = AbortSignal.any([interruption.stop, local.failed]);
  const agreements: ExpectationAgreement[] = [];
  for (const experiment of experiments) {
    const results: Partial<Record<TargetName, Result>> = {};
    const steps = (['local', 'cluster'] as const).map((target) => ({
      title: `${experiment.name} on ${target}`,
      run: async (show: (detail: string) => void) => {
        const run = () => runOn(target, experiment, { state, cluster, signal }, show);
        let result = await run();
        // Another experiment may occupy the cluster at that moment.
        while (!result.k6.baseline && target === 'cluster' && (await waitUntilUnused(kube, signal))) {
          result = await run();
        }
        results[target] = result;
      },
    }));
    await runSteps(steps);
    agreements.push(...compareVerdicts(experiment, results as Record<TargetName, Result>));
  }
  return agreements;
}
