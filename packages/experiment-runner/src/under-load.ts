import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';

/** A manifest that is applied while load runs, `afterS` seconds after its beginning. */
export interface ApplyLater {
  afterS: number;
  apply(): Promise<unknown>;
}

/** Applies a manifest under load. @throws when the mesh rejects it, or the load ended before every proxy had it */
export async function applyUnderLoad<Summary>(
  { afterS, apply }: ApplyLater,
  signal: AbortSignal,
  send: (signal: AbortSignal) => Promise<Summary>,
): Promise<Summary> {
  const [summary] = await workUnderLoad(
    { name: 'every proxy had the manifest', signal },
    send,
    async (stop) => {
      await sleep(afterS * 1000, undefined, { signal: stop }).catch(() => throwIfInterrupted(stop));
      await apply();
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
