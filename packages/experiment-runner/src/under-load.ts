import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';

/** A manifest that comes when the load has run for a while. */
export interface ApplyLater {
  afterS: number;
  apply(): Promise<unknown>;
}

/** @throws when the load was over before every proxy had the manifest, or it was refused */
export async function applyUnderLoad<Summary>(
  { afterS, apply }: ApplyLater,
  signal: AbortSignal,
  send: (signal: AbortSignal) => Promise<Summary>,
): Promise<Summary> {
  const [summary] = await workUnderLoad(
    { name: 'every proxy had istio.yaml', signal },
    send,
    async (stop) => {
      await sleep(afterS * 1000, undefined, { signal: stop }).catch(() => throwIfInterrupted(stop));
      await apply();
    },
  );
  return summary;
}

/**
 * Does some work while load runs. When either fails, or `signal` is aborted, the other is told to end, and is waited for.
 *
 * @param send gets a signal that is aborted, with the reason, when the load is to break off
 * @param work gets the same signal
 * @throws when the load was over before the work: what came after it was not under load
 */
export async function workUnderLoad<Summary, Seen>(
  { name, signal }: { name: string; signal: AbortSignal },
  send: (signal: AbortSignal) => Promise<Summary>,
  work: (signal: AbortSignal) => Promise<Seen>,
): Promise<[Summary, Seen]> {
  const brokenOff = new AbortController();
  const stop = AbortSignal.any([signal, brokenOff.signal]);
  let isDone = false;
  const loading = send(stop).then((summary) => {
    if (isDone) return summary;
    throw new Error(`experiment.ts: the load was over before ${name}; \`phases\` has to give it more time`);
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
