import { join } from 'node:path';
import { releaseLock, takeLock } from '@meshmart/processes/lock';
import { UserError } from '@meshmart/terminal/user-error';
import type { Cluster } from './provider.ts';

type Locked = Pick<Cluster, 'name' | 'state'>;

/** Runs a function while holding the cluster's lock. @throws UserError if another process holds it */
export async function withLock(cluster: Locked, run: () => Promise<void>): Promise<void> {
  takeClusterLock(cluster);
  try {
    await run();
  } finally {
    releaseLock(lockOf(cluster));
  }
}

/** Holds the cluster's lock until this process ends. @throws UserError if another process holds it */
export function takeClusterLock(cluster: Locked): void {
  const holder = takeLock(lockOf(cluster));
  if (!holder) return;
  throw new UserError(`Process ${holder.pid} is changing cluster "${cluster.name}". Wait for it, or end it`);
}

function lockOf({ state }: Locked): string {
  return join(state, 'lock');
}
