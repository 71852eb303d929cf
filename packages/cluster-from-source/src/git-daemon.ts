import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkout } from '@meshmart/cluster/gitops/checkout';
import type { ClusterLayout } from './layout.ts';

/**
 * The node runs a Git server for its pods, which reads the folder `git` of the cluster's: the link there leads to the checkout itself,
 * and so a local commit is at once what the cluster sees.
 */
export function serveCheckout({ state, nodeAddress }: ClusterLayout, { gitFolder }: Checkout): string {
  const folder = join(state, 'git');
  const fresh = join(folder, 'fresh');
  rmSync(fresh, { force: true });
  symlinkSync(gitFolder, fresh);
  renameSync(fresh, join(folder, 'store.git'));
  return `git://${nodeAddress}/store.git`;
}
