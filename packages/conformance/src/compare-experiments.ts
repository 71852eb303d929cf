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

export interface ExperimentsOptions {
  access: ClusterAccess;
  /** Name of the cluster. */
  cluster: string;
  /** State folder of the local platform; it is started when none runs from there. */
  state: string;
  interruption: Interruption;
}

/** Runs every experiment for both platforms on both, one after the other; each run is shown as a step. */
export async function compareExperiments(options: ExperimentsOptions): Promise<ExpectationAgreement[]> {
  const { access, cluster, state, interruption } = options;
  const kube = createKube(access);
  const experiments = await listSharedExperiments(join(config.root, 'experiments'));
  // Held here, so that not every run has to start it.
  await using local = await openLocalTarget(
    state,
    await ensureK6({ signal: interruption.stop }),
    interruption,
  );
  const signal = AbortSignal.any([interruption.stop, local.failed]);
  const agreements: ExpectationAgreement[] = [];
  for (const experiment of experiments) {
    const results: Partial<Record<TargetName, Result>> = {};
    const steps = (['local', 'cluster'] as const).map((platform) => ({
      title: `${experiment.name} on ${platform}`,
      run: async (show: (detail: string) => void) => {
        const run = () => runOn(platform, experiment, { state, cluster, signal }, show);
        let result = await run();
        // Somebody else's experiment can stand in the way of its beginning.
        while (!result.k6.baseline && platform === 'cluster' && (await waitUntilUnused(kube, signal))) {
          result = await run();
        }
        results[platform] = result;
      },
    }));
    await runSteps(steps);
    agreements.push(...compareVerdicts(experiment, results as Record<TargetName, Result>));
  }
  return agreements;
}
