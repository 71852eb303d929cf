import { join } from 'node:path';
import { config } from '../../config.ts';
import { takeLock } from '../../platform/lock.ts';
import { runSteps } from '../../progress.ts';
import { UserError } from '../../user-error.ts';
import { assertRoot } from './preconditions.ts';
import { removeNode } from './remove-node.ts';
import { findCluster } from './settings.ts';

/** Removes a cluster: its processes, mounts, network, cgroups and files. */
export async function down(name: string): Promise<void> {
  assertRoot();
  const cluster = findCluster(name);
  if (!cluster) {
    console.log(`There is no cluster "${name}"; nothing is left of it.`);
    return;
  }
  // The lock goes with the cluster's folder.
  const holder = takeLock(join(cluster.layout.state, 'lock'));
  if (holder) throw new UserError(`Process ${holder.pid} is at work on cluster "${name}"; end it first`);
  await runSteps([{ title: `Removing cluster "${name}"`, run: () => removeNode(cluster.layout) }]);
  console.log(`Only the cache stays, with the tools and images of all clusters: ${config.cacheDirectory}`);
}
