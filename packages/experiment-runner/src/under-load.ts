import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';

/** Changes of the mesh while load runs: the first `afterS` seconds after its beginning, each other `everyS` later. */
export interface ApplyLater {
  afterS: number;
  everyS: number;
  /** Each resolves when every proxy has the change. */
  changes: (() => Promise<unknown>)[];
}

/** Changes the mesh under load. @throws when the mesh rejects a change, or the load ended before every proxy had it */
export async function applyUnderLoad<Summary>(
  { afterS, everyS, changes }: ApplyLater,
  signal: AbortSignal,
  send: (signal: AbortSignal) => Promise<Summary>,
): Promise<Summary> {
  const [summary] = await workUnderLoad(
    { name: 'every proxy had the manifest', signal },
    send,
    async (stop) => {
      for (const [index, change] of changes.entries()) {
        const waitS = index === 0 ? afterS : everyS;
        await sleep(waitS * 1000, undefined, { signal: stop }).catch(() => throwIfInterrupted(stop));
        await change();
      }
    },
  );
  return summary;
}

/**
 * Does some work while load runs. When either fails, or `signal` is aborted, ends the other and waits for it.
 *
 * @param send gets a signal that is aborted, with the reason, when the load must break off
 * @param work gets the same signal
 * @throws when the load ended before the work, which was then without load for a while
 */
export async function workUnderLoad<Summary, Result>(
  { name, signal }: { name: string; signal: AbortSignal },
  send: (signal: AbortSignal) => Promise<Summary>,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<[Summary, Result]> {
  const brokenOff = new AbortController();
  const stop = AbortSignal.any([signal, brokenOff.signal]);
  let isDone = false;
  const loading = send(stop).then((summary) => {
    if (isDone) return summary;
    throw new Error(`experiment.ts: the load ended before ${name}; give it more time in \`phases\``);
  });
  const working = work(stop).finally(() => {
    isDone = true;
  });
  try {
    return await Promise.all([loading, working]);
  } catch (error) {
    brokenOff.abort(error);
    throw error;
  } finally {
    await Promise.allSettled([loading, working]);
  }
}
