import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '../../interruption.ts';
import type { ToolOptions } from '../../setup/run-tool.ts';
import { UserError } from '../../user-error.ts';
import type { ClusterAccess } from '../access.ts';
import { describeLag, listApplications } from './applications.ts';

const patienceMs = 600_000;
const pauseMs = 500;

export interface Expected {
  /** Which applications; all when there are none. */
  names?: string[];
  /** The commit that they have to be of; any when it is undefined. */
  revision?: string | undefined;
}

/**
 * Resolves when the applications are as Git has them, and healthy.
 *
 * @throws UserError saying what is still missing after ten minutes
 */
export async function waitForAll(
  access: ClusterAccess,
  { names = [], revision }: Expected,
  { signal, onLine }: ToolOptions,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const all = await listApplications(access);
    const chosen = all.filter(({ metadata }) => names.length === 0 || names.includes(metadata.name));
    const lags = chosen.flatMap((application) => describeLag(application, revision) ?? []);
    if (lags.length === 0 && all.length > 1) return;
    if (signal) throwIfInterrupted(signal);
    if (Date.now() > deadline) {
      const minutes = patienceMs / 60_000;
      throw new UserError(`Argo CD is not done within ${minutes} minutes:\n${lags.join('\n')}`);
    }
    onLine?.(lags.join('; '));
    await sleep(pauseMs);
  }
}
