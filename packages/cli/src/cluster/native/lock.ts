import { join } from 'node:path';
import { releaseLock, takeLock } from '../../platform/lock.ts';
import { UserError } from '../../user-error.ts';
import type { ClusterLayout } from './layout.ts';

/** Runs alone on a cluster. @throws UserError when another process is at work on it */
export async function withLock({ name, state }: ClusterLayout, run: () => Promise<void>): Promise<void> {
  const lock = join(state, 'lock');
  const holder = takeLock(lock);
  if (holder)
    throw new UserError(`Process ${holder.pid} is at work on cluster "${name}"; wait for it, or end it`);
  try {
    await run();
  } finally {
    releaseLock(lock);
  }
}
