import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionContext, Experiment } from '@meshmart/experiment-runner/experiment';
import { pauseSelfHeal, resumeSelfHeal } from '@meshmart/experiment-runner/on-cluster/self-heal';
import { applications, makeChanges, takeBack, type Watched, watchChanges } from './drift.ts';

/** In the baseline: twice as long as Argo CD takes to look at everything again, whatever it has noticed. */
const lookS = 30;
/**
 * What is not back by then has stayed. On two cores it takes 3 to 5 s; but Argo CD has to notice the change, compare it with Git and sync, all
 * of it beside the store and the load on the same cores: a bound near that would measure the machine.
 */
const patienceS = 60;
/** Before the changes k6 has to begin, and after them customers have to be there as well. */
const marginMs = 3000;

export default {
  summary: 'puts back what somebody has changed by hand, and tells how soon',
  needs: {
    services: { product: ['v1'], user: ['v1'] },
    targets: ['cluster'],
    meshes: ['istio'],
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
            `${object} ${isBack ? 'was back after' : 'has stayed for'} ${seconds.toFixed(1)} s`,
        );
        context.tell(`${round}: ${lines.join('; ')}`);
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
      // Whatever is left of the changes then goes as well.
      for (const application of applications) await resumeSelfHeal(kube, application);
    },
  },
  expectations: [
    {
      name: 'changes by hand',
      expected: '≥ 3, as many in both',
      value: (phase) => phase.reported('changes'),
      holds: (observed, baseline) => observed >= 3 && observed === baseline,
    },
    {
      name: 'changes that stayed',
      unit: '%',
      expected: '100 % → 0 %',
      value: (phase) => phase.reported('stayed') / phase.reported('changes'),
      holds: (observed, baseline) => observed === 0 && baseline === 1,
    },
    {
      name: 'shortest time that one stayed',
      unit: 's',
      expected: `≥ ${lookS} s without self-heal`,
      value: (phase) => phase.reported('shortestS'),
      holds: (_observed, baseline) => baseline >= lookS,
    },
    {
      name: 'longest time that one stayed',
      unit: 's',
      expected: `≤ ${patienceS} s with it`,
      value: (phase) => phase.reported('longestS'),
      holds: (observed) => observed <= patienceS,
    },
    { name: 'failed requests', unit: '%', threshold: 'http_req_failed' },
    { name: 'requests', threshold: 'http_reqs' },
  ],
} satisfies Experiment;

/** Changes something by hand and looks what becomes of it. */
async function drift({ kube, phase, signal }: ActionContext): Promise<Watched[]> {
  if (phase === 'observe') {
    return watchChanges(kube, await makeChanges(kube), { atMostS: patienceS, signal });
  }
  for (const application of applications) await pauseSelfHeal(kube, application);
  const changes = await makeChanges(kube);
  const watched = await watchChanges(kube, changes, { atMostS: lookS, signal });
  await takeBack(kube, changes);
  return watched;
}
