import type { Experiment } from '@meshmart/experiment-runner/define';
import { bringRevision, putBack } from './revision.ts';
import { watchRevision } from './watch.ts';

/** What revisions suffer from, in turn: the service's own word for it (SICKNESS), and one that it cannot read. */
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
    platforms: ['cluster'],
    meshes: ['istio'],
  },
  phases: { baselineS: 180, observeS: 240, restoreS: 5 },
  rounds: 3,
  action: {
    async act(stage) {
      const seen = { promotedShare: 0, setBack: 0, syncs: 0, longestS: 0, worstFailedShare: 0 };
      for (let round = 0; round < stage.rounds; round++) {
        const [ailment, sickness] = Object.entries(ailments)[round % Object.keys(ailments).length] ?? [];
        const isBad = stage.phase === 'observe';
        const one = await watchRevision(stage, () => bringRevision(stage.kube, isBad ? sickness : undefined));
        if (isBad) await putBack(stage.kube);
        const what = isBad ? `one that ${ailment}` : 'a good one';
        stage.tell(
          `${round + 1}: ${what}: ${one.isPromoted ? 'promoted' : 'rolled back'} after ${one.seconds.toFixed(1)} s, ${(one.failedShare * 100).toFixed(2)} % of the requests failed`,
        );
        if (one.isPromoted) seen.promotedShare += 1 / stage.rounds;
        seen.setBack += one.setBack;
        seen.syncs += one.syncs;
        seen.longestS = Math.max(seen.longestS, one.isPromoted ? 0 : one.seconds);
        seen.worstFailedShare = Math.max(seen.worstFailedShare, one.failedShare);
      }
      return seen;
    },
    undo: ({ kube }) => putBack(kube),
  },
  proofs: [
    {
      name: 'good revisions promoted, and bad ones',
      unit: '%',
      expected: '100 % → 0 %',
      value: (phase) => phase.seen('promotedShare'),
      holds: (observed, baseline) => observed === 0 && baseline > 0.999,
    },
    {
      name: 'longest way back, from the first request on',
      unit: 's',
      expected: '≤ 90 s',
      value: (phase) => phase.seen('longestS'),
      holds: (observed) => observed > 0 && observed <= 90,
    },
    {
      name: "most requests failed during one, by the gateway's proxy",
      unit: '%',
      expected: '0 % → ≤ 2 %',
      value: (phase) => phase.seen('worstFailedShare'),
      holds: (observed, baseline) => baseline === 0 && observed <= 0.02,
    },
    {
      name: 'weights that Argo CD set back',
      expected: '0',
      value: (phase) => phase.seen('setBack'),
      holds: (observed, baseline) => observed === 0 && baseline === 0,
    },
    {
      name: 'syncs of the mesh in the middle of it',
      expected: '≥ 1',
      value: (phase) => phase.seen('syncs'),
      holds: (observed, baseline) => observed >= 1 && baseline >= 1,
    },
    { name: 'failed requests', unit: '%', threshold: 'http_req_failed' },
    { name: 'requests', threshold: 'http_reqs' },
  ],
} satisfies Experiment;
