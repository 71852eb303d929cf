import type { Action, ActionContext, K6Summary } from './experiment.ts';
import type { Load, Target } from './target.ts';
import { workUnderLoad } from './under-load.ts';

export interface RunningAction extends Pick<ActionContext, 'phase' | 'rounds' | 'tell'> {
  target: Target;
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
  { target, signal, ...how }: RunningAction,
  send: (load: Pick<Load, 'enough'>, signal: AbortSignal) => Promise<K6Summary>,
): Promise<{ summary: K6Summary; reported: Record<string, number> }> {
  const { kube } = target;
  if (!kube) throw new Error('experiment.ts: `action` needs the target "cluster"');
  const undo = () => action.undo({ ...how, kube, signal: new AbortController().signal });
  await undo();
  const enough = new AbortController();
  try {
    const [summary, reported] = await workUnderLoad(
      { name: '`action`', signal },
      (stop) => send({ enough: enough.signal }, stop),
      (stop) => action.run({ ...how, kube, signal: stop }).finally(() => enough.abort()),
    );
    return { summary, reported };
  } finally {
    await undo();
  }
}
