import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { bringRevision, putBack } from './revision.ts';
import { watchRevision } from './watch.ts';

/** What revisions suffer from, in turn: the service's own word for it (FAULTS), and one that it cannot read. */
const ailments = {
  'fails 30 % of its requests': '{"errorRate":0.3}',
  'takes 500 ms longer': '{"delayMs":500}',
  'does not start': 'not JSON',
};

export default {
  summary: 'promotes a good revision step by step, and rolls a bad one back by itself',
  needs: {
    services: { product: ['v1'] },
    rollouts: ['product'],
    targets: ['cluster'],
    meshes: ['istio'],
  },
  phases: { baselineS: 180, observeS: 240, restoreS: 5 },
  rounds: 3,
  action: {
    async run(context) {
      const reported = { promotedShare: 0, setBack: 0, syncs: 0, longestS: 0, worstFailedShare: 0 };
      for (let round = 0; round < context.rounds; round++) {
        const [ailment, faults] = Object.entries(ailments)[round % Object.keys(ailments).length] ?? [];
        const isBad = context.phase === 'observe';
        const one = await watchRevision(context, () =>
          bringRevision(context.kube, isBad ? faults : undefined),
        );
        if (isBad) await putBack(context.kube);
        const what = isBad ? `one that ${ailment}` : 'a good one';
        context.tell(
          `${round + 1}: ${what}: ${one.isPromoted ? 'promoted' : 'rolled back'} after ${one.seconds.toFixed(1)} s, ${(one.failedShare * 100).toFixed(2)} % of the requests failed`,
        );
        if (one.isPromoted) reported.promotedShare += 1 / context.rounds;
        reported.setBack += one.setBack;
        reported.syncs += one.syncs;
        reported.longestS = Math.max(reported.longestS, one.isPromoted ? 0 : one.seconds);
        reported.worstFailedShare = Math.max(reported.worstFailedShare, one.failedShare);
      }
      return reported;
    },
    undo: ({ kube }) => putBack(kube),
  },
  expectations: [
    {
      name: 'good revisions promoted, and bad ones',
      unit: '%',
      expected: '100 % → 0 %',
      value: (phase) => phase.reported('promotedShare'),
      holds: (observed, baseline) => observed === 0 && baseline > 0.999,
    },
    {
      name: 'longest way back, from the first request on',
      unit: 's',
      expected: '≤ 90 s',
      value: (phase) => phase.reported('longestS'),
      holds: (observed) => observed > 0 && observed <= 90,
    },
    {
      name: "most requests failed during one, by the gateway's proxy",
      unit: '%',
      expected: '0 % → ≤ 2 %',
      value: (phase) => phase.reported('worstFailedShare'),
      holds: (observed, baseline) => baseline === 0 && observed <= 0.02,
    },
    {
      name: 'weights that Argo CD set back',
      expected: '0',
      value: (phase) => phase.reported('setBack'),
      holds: (observed, baseline) => observed === 0 && baseline === 0,
    },
    {
      name: 'syncs of the mesh in the middle of it',
      expected: '≥ 1',
      value: (phase) => phase.reported('syncs'),
      holds: (observed, baseline) => observed >= 1 && baseline >= 1,
    },
    { name: 'failed requests', unit: '%', threshold: 'http_req_failed' },
    { name: 'requests', threshold: 'http_reqs' },
  ],
} satisfies Experiment;
