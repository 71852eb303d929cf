import { join } from 'node:path';
import type { ClusterAccess } from '../cluster/access.ts';
import { config } from '../config.ts';
import { createKube } from '../experiment/cluster/kube.ts';
import { waitUntilUnused } from '../experiment/cluster/overlay.ts';
import type { PlatformName } from '../experiment/define.ts';
import { listSharedExperiments } from '../experiment/list.ts';
import { attachPlatform } from '../experiment/local-platform.ts';
import type { Result } from '../experiment/report.ts';
import type { Interruption } from '../interruption.ts';
import { runSteps } from '../progress.ts';
import { ensureK6 } from '../setup/k6.ts';
import { holdAgainst, type ProofAgreement } from './agreement.ts';
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
export async function compareExperiments(options: ExperimentsOptions): Promise<ProofAgreement[]> {
  const { access, cluster, state, interruption } = options;
  const kube = createKube(access);
  const experiments = await listSharedExperiments(join(config.root, 'experiments'));
  // Held here, so that not every run has to start it.
  await using local = await attachPlatform(
    state,
    await ensureK6({ signal: interruption.stop }),
    interruption,
  );
  const signal = AbortSignal.any([interruption.stop, local.failed]);
  const agreements: ProofAgreement[] = [];
  for (const experiment of experiments) {
    const results: Partial<Record<PlatformName, Result>> = {};
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
    agreements.push(...holdAgainst(experiment, results as Record<PlatformName, Result>));
  }
  return agreements;
}
