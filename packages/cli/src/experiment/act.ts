import type { Action, K6Summary, Stage } from './define.ts';
import type { Load, Platform } from './platform.ts';

export interface ActionContext extends Pick<Stage, 'phase' | 'rounds' | 'tell'> {
  platform: Platform;
  /** Ends it early. */
  signal: AbortSignal;
}

/**
 * Does something to the cluster while load runs, and ends the load when that is done. What was done is undone, however it ended.
 *
 * @param send gets what goes into its load, and a signal that is aborted, with the reason, when `context.signal` is or the action fails
 * @throws when the load was over before the action: what came after it was not under load
 */
export async function actUnderLoad(
  action: Action,
  { platform, signal, ...how }: ActionContext,
  send: (load: Pick<Load, 'enough'>, signal: AbortSignal) => Promise<K6Summary>,
): Promise<{ summary: K6Summary; seen: Record<string, number> }> {
  const { kube } = platform;
  if (!kube) throw new Error('experiment.ts: `action` needs the platform "cluster"');
  const undo = () => action.undo({ ...how, kube, signal: new AbortController().signal });
  await undo();
  const [enough, brokenOff] = [new AbortController(), new AbortController()];
  const stop = AbortSignal.any([signal, brokenOff.signal]);
  const loading = send({ enough: enough.signal }, stop).then((summary) => {
    if (enough.signal.aborted) return summary;
    throw new Error('experiment.ts: the load was over before `action`; `phases` has to give it more time');
  });
  const acting = action.act({ ...how, kube, signal: stop }).finally(() => enough.abort());
  try {
    const [summary, seen] = await Promise.all([loading, acting]);
    return { summary, seen };
  } catch (error) {
    brokenOff.abort(error);
    throw error;
  } finally {
    await Promise.allSettled([loading, acting]);
    await undo();
  }
}
