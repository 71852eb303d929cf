import { never } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { createRevision, removeRevision } from './revision.ts';
import { watchRevision } from './watch.ts';

/** Values of FAULTS for the bad revisions, in turn; a service that cannot parse it ends at once. */
const faultsOfBad = {
  'fails 30 % of its requests': '{"errorRate":0.3}',
  'takes 500 ms longer': '{"delayMs":500}',
  'does not start': 'not JSON',
};

export default {
  summary: 'promotes a good revision step by step, and rolls a bad one back automatically',
  needs: {
    services: { product: ['v1'] },
    rollouts: ['product'],
    targets: ['cluster'],
  },
  phases: { baselineS: 180, observeS: 240, restoreS: 5 },
  rounds: 3,
  action: {
    async run(context) {
      const reported = { promotedShare: 0, setBack: 0, syncs: 0, longestS: 0, worstFailedShare: 0 };
      for (let round = 0; round < context.rounds; round++) {
        const [fault, value] = Object.entries(faultsOfBad)[round % Object.keys(faultsOfBad).length] ?? [];
        const isBad = context.phase === 'observe';
        const one = await watchRevision(context, () =>
          createRevision(context.kube, isBad ? value : undefined),
        );
        if (isBad) await removeRevision(context.kube);
        const what = isBad ? `a revision that ${fault}` : 'a good revision';
        context.log(
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
    undo: ({ kube }) => removeRevision(kube),
  },
  expectations: [
    {
      name: 'good revisions promoted, and bad ones',
      unit: '%',
      expected: '100 % → 0 %',
      value: (phase) => phase.reported('promotedShare'),
      holds: (observed, baseline) => observed === 0 && baseline > 0.999,
      reason: 'an analysis that rejects good revisions is as useless as one that accepts bad ones',
    },
    {
      name: 'longest rollback, from the first request',
      unit: 's',
      expected: '≤ 90 s',
      value: (phase) => phase.reported('longestS'),
      holds: (observed) => observed > 0 && observed <= 90,
      reason: 'two bad measurements, 5 s apart, end a revision once there is enough traffic to measure',
    },
    {
      name: "most requests failed during a revision, by the gateway's proxy",
      unit: '%',
      expected: '0 % → ≤ 2 %',
      value: (phase) => phase.reported('worstFailedShare'),
      holds: (observed, baseline) => baseline === 0 && observed <= 0.02,
      reason: '5 % of the traffic at 30 % errors is 1.5 % of all requests',
    },
    never(
      'weights that Argo CD reset',
      (phase) => phase.reported('setBack'),
      'Git says 100 and 0, and self-heal must leave the weights to Argo Rollouts',
    ),
    {
      name: 'syncs of the mesh during a revision',
      expected: '≥ 1',
      value: (phase) => phase.reported('syncs'),
      holds: (observed, baseline) => observed >= 1 && baseline >= 1,
      reason: 'without a sync while both revisions have traffic, Argo CD had no occasion to set weights back',
    },
    {
      name: 'failed requests',
      unit: '%',
      metric: 'http_req_failed',
      thresholds: { baseline: 'rate==0', observe: ['rate>0', 'rate<=0.02'], restore: 'rate==0' },
      reason: 'a bad revision costs customers 1.5 % while it is there; with none at all, nobody tried it',
    },
    {
      name: 'requests',
      metric: 'http_reqs',
      thresholds: 'count>=100',
      reason: 'an analysis without requests has nothing to decide on',
    },
  ],
} satisfies Experiment;
