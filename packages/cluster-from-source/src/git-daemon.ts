import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkout } from '@meshmart/cluster/gitops/checkout';
import type { ClusterLayout } from './layout.ts';

/**
 * Links the checkout into the folder that the node's Git server reads. The cluster therefore sees a local commit at
 * once.
 *
 * @returns the URL of the repository for pods
 */
export function serveCheckout({ state, nodeAddress }: ClusterLayout, { gitFolder }: Checkout): string {
  const folder = join(state, 'git');
  const fresh = join(folder, 'fresh');
  rmSync(fresh, { force: true });
  symlinkSync(gitFolder, fresh);
  renameSync(fresh, join(folder, 'store.git'));
  return `git://${nodeAddress}/store.git`;
}
