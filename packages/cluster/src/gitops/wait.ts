import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import type { ClusterAccess } from '../access.ts';
import { type Application, describeLag, listApplications } from './applications.ts';
import { comesAfter } from './checkout.ts';

const patienceMs = 600_000;
const pauseMs = 500;

export interface Expected {
  /** Which applications; all when there are none. */
  names?: string[];
  /** The commit of this checkout that they have to be of, or a later one; any when it is undefined. */
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
    // A busy machine's API server does not always answer in time.
    const all = await listApplications(access).catch(() => []);
    const chosen = all.filter(({ metadata }) => names.length === 0 || names.includes(metadata.name));
    const revisions = revision && (await findNewer(revision, chosen));
    const lags = chosen.flatMap((application) => describeLag(application, revisions || undefined) ?? []);
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

/** Whoever goes on committing meanwhile gets what is newer. @returns the commit, and those of the applications that came after it */
async function findNewer(commit: string, applications: Application[]): Promise<string[]> {
  const deployed = new Set(applications.flatMap(({ status }) => status?.sync?.revision ?? []));
  const newer = [...deployed].map(async (revision) =>
    (await comesAfter(revision, commit)) ? [revision] : [],
  );
  return [commit, ...(await Promise.all(newer)).flat()];
}
