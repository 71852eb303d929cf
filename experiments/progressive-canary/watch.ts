import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionContext } from '@meshmart/experiment-runner/experiment';
import { takeSnapshot } from '@meshmart/experiment-runner/on-cluster/istio/counters';
import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';
import { gatewayFailures, gatewayRequests } from '@meshmart/experiment-runner/proxy-counters';
import { isSeen, readState, type State } from './rollout.ts';

const pauseMs = 2000;
/** Time for requests in progress to end. */
const afterwardsMs = 30_000;
/** Time between a step and a sync, which writes the weights that Argo CD saw last. */
const settledMs = 5_000;
/** Longer than Argo Rollouts' deadline for a revision that does not start. */
const patienceMs = 240_000;

interface Observed {
  isPromoted: boolean;
  /** From the first request that may have reached the revision, or its creation, until its traffic ends. */
  seconds: number;
  /** Share of all requests to the gateway from then until 30 s after the revision's end. */
  failedShare: number;
  /** Number of times that Argo CD changed the route, in which only the weights differ from Git. */
  setBack: number;
  /** Completed syncs of the application `mesh` while both revisions had traffic. */
  syncs: number;
}

/** Creates a revision and watches it until Argo Rollouts has promoted or aborted it. */
export async function watchRevision(
  { kube, phase, signal }: ActionContext,
  create: () => Promise<void>,
): Promise<Observed> {
  const failedBefore = (await readEdge(kube)).failed;
  let before = await readState(kube);
  await create();
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

/** A sync may also write Argo CD's own annotations, which leave the generation as it is. */
function isSetBack(before: State, now: State): boolean {
  return now.writtenByArgoCd !== before.writtenByArgoCd && now.generation !== before.generation;
}

async function readEdge(kube: Kube): Promise<{ requests: number; failed: number }> {
  const counters = (await takeSnapshot(kube)).proxies.get('gateway');
  if (!counters) throw new Error('the gateway did not return its counters');
  const count = (name: RegExp) =>
    Object.entries(counters).reduce((sum, [key, value]) => (name.test(key) ? sum + value : sum), 0);
  return {
    requests: count(gatewayRequests),
    failed: count(gatewayFailures),
  };
}

const mesh = ['applications.argoproj.io/mesh', '--namespace', 'argocd'];
const initiatedBy = { username: 'progressive-canary' };

/** Makes Argo CD apply the whole mesh from Git, including resources that it considers in sync. */
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
