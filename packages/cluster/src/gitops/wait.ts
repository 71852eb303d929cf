import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import type { ClusterAccess } from '../access.ts';
import { type Application, describeLag, listApplications } from './applications.ts';
import { comesAfter } from './checkout.ts';

const patienceMs = 600_000;
const pauseMs = 500;

interface Expected {
  /** Names of applications; all if empty. */
  names?: string[];
  /** Commit of this checkout that they must have, or a descendant of it; any if undefined. */
  revision?: string | undefined;
}

/**
 * Waits until the applications are in sync with Git and healthy.
 *
 * @throws UserError with the open differences after 10 minutes
 */
export async function waitForAll(
  access: ClusterAccess,
  { names = [], revision }: Expected,
  { signal, onLine }: ToolOptions,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    // On a busy machine the API server does not always respond in time.
    const all = await listApplications(access).catch(() => []);
    const chosen = all.filter(({ metadata }) => names.length === 0 || names.includes(metadata.name));
    const revisions = revision && (await findNewer(revision, chosen));
    const lags = chosen.flatMap((application) => describeLag(application, revisions || undefined) ?? []);
    if (lags.length === 0 && all.length > 1) return;
    if (signal) throwIfInterrupted(signal);
    if (Date.now() > deadline) {
      const minutes = patienceMs / 60_000;
      throw new UserError(`Argo CD is not in sync after ${minutes} minutes:\n${lags.join('\n')}`);
    }
    onLine?.(lags.join('; '));
    await sleep(pauseMs);
  }
}

/** Returns the commit, and the applications' commits that descend from it: somebody may commit while this waits. */
async function findNewer(commit: string, applications: Application[]): Promise<string[]> {
  const deployed = new Set(applications.flatMap(({ status }) => status?.sync?.revision ?? []));
  const newer = [...deployed].map(async (revision) =>
    (await comesAfter(revision, commit)) ? [revision] : [],
  );
  return [commit, ...(await Promise.all(newer)).flat()];
}
