import { takeClusterLock } from '@meshmart/cluster/lock';
import { explainFailure } from '@meshmart/cluster/provider';
import { runSteps } from '@meshmart/terminal/progress';
import { openCluster } from './choose-provider.ts';

/** Deletes a cluster. From an existing one, removes only what `up` has installed. @throws UserError if a step fails */
export async function down(name: string, signal: AbortSignal): Promise<void> {
  const cluster = await openCluster(name);
  if (!cluster) {
    console.log(`There is no cluster "${name}".`);
    return;
  }
  // Deleting the cluster's folder releases the lock.
  takeClusterLock(cluster);
  await runSteps(cluster.removeSteps(signal)).catch((error) => {
    throw explainFailure(error, signal, 'Continue with the same command');
  });
  console.log(cluster.cache);
}
