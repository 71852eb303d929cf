import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionContext } from '@meshmart/experiment-runner/experiment';
import { takeSnapshot } from '@meshmart/experiment-runner/on-cluster/istio/counters';
import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';
import { isSeen, readState, type State } from './rollout.ts';

const pauseMs = 2000;
/** Requests that were under way have ended by then. */
const afterwardsMs = 30_000;
/** After a step. Argo CD writes a whole route together with the weights that it last saw, so in the second of a step with older ones. */
const settledMs = 5_000;
/** Longer than the deadline by which Argo Rollouts gives a revision up that does not start. */
const patienceMs = 240_000;

export interface Observed {
  isPromoted: boolean;
  /** From the first request that may have reached it, or else from when it was asked for, until nothing goes there any more. */
  seconds: number;
  /** Of all that came to the gateway since then and until 30 s afterwards. */
  failedShare: number;
  /** How many times Argo CD changed the route, of which nothing but the weights differs from Git. */
  setBack: number;
  /** Of the application `mesh`, asked for and done while both revisions had traffic. */
  syncs: number;
}

/** Brings a revision and watches it until Argo Rollouts has promoted it or given it up. */
export async function watchRevision(
  { kube, phase, signal }: ActionContext,
  bring: () => Promise<void>,
): Promise<Observed> {
  const failedBefore = (await readEdge(kube)).failed;
  let before = await readState(kube);
  await bring();
  let since = { at: Date.now(), requests: (await readEdge(kube)).requests };
  let isFirst = true;
  let sync: 'asked for' | 'done' | undefined;
  let setBack = 0;
  for (;;) {
    const now = await readState(kube);
    if (now.weight > 0 && isFirst) {
      isFirst = false;
      since = { at: Date.now(), requests: (await readEdge(kube)).requests };
    }
    if (now.weight > 0 && !sync && Date.now() - since.at > settledMs) {
      await askForSync(kube);
      sync = 'asked for';
    }
    if (now.weight > 0 && sync === 'asked for' && (await isSynced(kube))) sync = 'done';
    if (isSetBack(before, now)) setBack++;
    before = now;
    const end = endOf(now);
    if (end) {
      const seconds = (Date.now() - since.at) / 1000;
      if (phase === 'observe') await sleep(afterwardsMs, undefined, { signal });
      const { failed, requests } = await readEdge(kube);
      const failedShare = (failed - failedBefore) / (requests - since.requests);
      const syncs = sync === 'done' ? 1 : 0;
      return { isPromoted: end === 'promoted', seconds, failedShare, setBack, syncs };
    }
    if (Date.now() - since.at > patienceMs) {
      throw new Error(
        `Argo Rollouts does not decide: ${now.rollout.status.phase}, ${now.rollout.status.message}`,
      );
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

function endOf({ rollout, weight }: State): 'promoted' | 'rolled back' | undefined {
  const { phase, abort, currentPodHash, stableRS } = rollout.status;
  if (!isSeen(rollout) || weight > 0) return undefined;
  if (abort) return 'rolled back';
  return phase === 'Healthy' && currentPodHash === stableRS ? 'promoted' : undefined;
}

/** A sync also writes notes of Argo CD's own to the resource: the generation stays then. */
function isSetBack(before: State, now: State): boolean {
  return now.writtenByArgoCd !== before.writtenByArgoCd && now.generation !== before.generation;
}

async function readEdge(kube: Kube): Promise<{ requests: number; failed: number }> {
  const counters = (await takeSnapshot(kube)).proxies.get('gateway');
  if (!counters) throw new Error('the gateway did not give its counters');
  const count = (name: RegExp) =>
    Object.entries(counters).reduce((sum, [key, value]) => (name.test(key) ? sum + value : sum), 0);
  return {
    requests: count(/^http\.outbound_.*\.downstream_rq_completed$/),
    failed: count(/^http\.outbound_.*\.downstream_rq_5xx$/),
  };
}

const mesh = ['applications.argoproj.io/mesh', '--namespace', 'argocd'];
const initiatedBy = { username: 'progressive-canary' };

/** Has Argo CD bring the mesh as Git has it, all of it, also what it takes to be in order. */
async function askForSync(kube: Kube): Promise<void> {
  const { spec } = JSON.parse(await kube.run('get', ...mesh, '--output', 'json'));
  const syncOptions = spec.syncPolicy.syncOptions.filter(
    (one: string) => !one.startsWith('ApplyOutOfSyncOnly'),
  );
  const operation = { initiatedBy, sync: { syncOptions } };
  await kube.run('patch', ...mesh, '--type', 'merge', '--patch', JSON.stringify({ operation }));
}

async function isSynced(kube: Kube): Promise<boolean> {
  const { status, operation } = JSON.parse(await kube.run('get', ...mesh, '--output', 'json'));
  const { operation: last, phase } = status.operationState ?? {};
  return !operation && last?.initiatedBy?.username === initiatedBy.username && phase === 'Succeeded';
}
