import { setTimeout as sleep } from 'node:timers/promises';
import { noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { ActionContext, Experiment } from '@meshmart/experiment-runner/experiment';
import { pauseSelfHeal, resumeSelfHeal } from '@meshmart/experiment-runner/on-cluster/self-heal';
import { applications, makeChanges, revert, type Watched, watchChanges } from './drift.ts';

/** Time for which the baseline watches each change. */
const watchS = 30;
/** Time limit for Argo CD to revert a change in the observed phase. */
const patienceS = 60;
/** Time for load before the changes and after them. */
const marginMs = 3000;

export default {
  summary: 'reverts changes made by hand, and measures how soon',
  needs: {
    services: { product: ['v1'], user: ['v1'] },
    targets: ['cluster'],
    isFromGit: true,
  },
  phases: { baselineS: 60, observeS: 120, restoreS: 5 },
  action: {
    async run(context) {
      const watched: Watched[] = [];
      await sleep(marginMs, undefined, { signal: context.signal });
      for (let round = 1; round <= context.rounds; round++) {
        const changes = await drift(context);
        const lines = changes.map(
          ({ object, isBack, seconds }) =>
            `${object} ${isBack ? 'reverted after' : 'stayed for'} ${seconds.toFixed(1)} s`,
        );
        context.log(`${round}: ${lines.join('; ')}`);
        watched.push(...changes);
      }
      await sleep(marginMs, undefined, { signal: context.signal });
      const seconds = watched.map((one) => one.seconds);
      return {
        changes: watched.length,
        stayed: watched.filter(({ isBack }) => !isBack).length,
        shortestS: Math.min(...seconds),
        longestS: Math.max(...seconds),
      };
    },
    async undo({ kube }) {
      // With self-heal on again, Argo CD also reverts changes that a killed run left.
      for (const application of applications) await resumeSelfHeal(kube, application);
    },
  },
  expectations: [
    {
      name: 'changes by hand',
      expected: '≥ 3, as many in both',
      value: (phase) => phase.reported('changes'),
      holds: (observed, baseline) => observed >= 3 && observed === baseline,
      reason: 'a workload, a Service and a rule of the mesh drift in both phases',
    },
    {
      name: 'changes that stayed',
      unit: '%',
      expected: '100 % → 0 %',
      value: (phase) => phase.reported('stayed') / phase.reported('changes'),
      holds: (observed, baseline) => observed === 0 && baseline === 1,
      reason: 'without self-heal nothing else reverts a change',
    },
    {
      name: 'shortest time that one stayed',
      unit: 's',
      expected: `≥ ${watchS} s without self-heal`,
      value: (phase) => phase.reported('shortestS'),
      holds: (_observed, baseline) => baseline >= watchS,
      reason: 'twice the interval at which Argo CD compares everything with Git',
    },
    {
      name: 'longest time that one stayed',
      unit: 's',
      expected: `≤ ${patienceS} s with it`,
      value: (phase) => phase.reported('longestS'),
      holds: (observed) => observed <= patienceS,
      reason: 'two cores take 3 to 5 s; a bound near that would measure the machine',
    },
    noFailedRequests('customers notice neither the drift nor its repair'),
    {
      name: 'requests',
      metric: 'http_reqs',
      thresholds: 'count>=100',
      reason: 'the load ends with the changes, and must be there before, during and after them',
    },
  ],
} satisfies Experiment;

/** Makes changes by hand and watches them: with self-heal in the observed phase, without it in the baseline. */
async function drift({ kube, phase, signal }: ActionContext): Promise<Watched[]> {
  if (phase === 'observe') {
    return watchChanges(kube, await makeChanges(kube), { atMostS: patienceS, signal });
  }
  for (const application of applications) await pauseSelfHeal(kube, application);
  const changes = await makeChanges(kube);
  const watched = await watchChanges(kube, changes, { atMostS: watchS, signal });
  await revert(kube, changes);
  return watched;
}
