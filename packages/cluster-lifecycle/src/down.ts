import { takeClusterLock } from '@meshmart/cluster/lock';
import { explainFailure } from '@meshmart/cluster/provider';
import { runSteps } from '@meshmart/terminal/progress';
import { openCluster } from './choose-provider.ts';

/** Removes a cluster and all that `up` has made for it; from one that was there before, all that `up` has brought to it. */
export async function down(name: string, signal: AbortSignal): Promise<void> {
  const cluster = await openCluster(name);
  if (!cluster) {
    console.log(`There is no cluster "${name}"; nothing is left of it.`);
    return;
  }
  // The lock goes with the cluster's folder.
  takeClusterLock(cluster);
  await runSteps(cluster.removeSteps(signal)).catch((error) => {
    throw explainFailure(error, signal, 'Go on with the same command');
  });
  console.log(cluster.cache);
}
