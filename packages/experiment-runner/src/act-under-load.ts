import type { Action, ActionContext, K6Summary } from './experiment.ts';
import type { Load, Target } from './target.ts';
import { workUnderLoad } from './under-load.ts';

interface RunningAction extends Pick<ActionContext, 'phase' | 'rounds' | 'log'> {
  target: Target;
  /** Ends the action early. */
  signal: AbortSignal;
}

/**
 * Runs an action while load runs, ends the load after it, and undoes the action in any case.
 *
 * @param send gets more options for its load, and a signal that is aborted, with the reason, when the load must break
 * off
 * @throws when the load ended before the action, which was then without load for a while
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
