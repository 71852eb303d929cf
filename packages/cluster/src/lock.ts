import { join } from 'node:path';
import { releaseLock, takeLock } from '@meshmart/processes/lock';
import { UserError } from '@meshmart/terminal/user-error';
import type { Cluster } from './provider.ts';

type Locked = Pick<Cluster, 'name' | 'state'>;

/** Runs alone on a cluster. @throws UserError when another process is at work on it */
export async function withLock(cluster: Locked, run: () => Promise<void>): Promise<void> {
  takeClusterLock(cluster);
  try {
    await run();
  } finally {
    releaseLock(lockOf(cluster));
  }
}

/** For as long as this process lives. @throws UserError when another process is at work on it */
export function takeClusterLock(cluster: Locked): void {
  const holder = takeLock(lockOf(cluster));
  if (!holder) return;
  throw new UserError(
    `Process ${holder.pid} is at work on cluster "${cluster.name}"; wait for it, or end it`,
  );
}

function lockOf({ state }: Locked): string {
  return join(state, 'lock');
}
