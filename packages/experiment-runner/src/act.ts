import type { Action, K6Summary, Stage } from './define.ts';
import type { Load, Platform } from './platform.ts';
import { workUnderLoad } from './under-load.ts';

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
  const enough = new AbortController();
  try {
    const [summary, seen] = await workUnderLoad(
      { name: '`action`', signal },
      (stop) => send({ enough: enough.signal }, stop),
      (stop) => action.act({ ...how, kube, signal: stop }).finally(() => enough.abort()),
    );
    return { summary, seen };
  } finally {
    await undo();
  }
}
