import { noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Disturbance, Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import { inboundRequests } from '@meshmart/experiment-runner/proxy-counters';

const slow = 'product-v1-2';

/** Returns the slow replica's share of the requests to v1, by the replicas' own proxies. */
function shareOfSlow(phase: Phase): number {
  const [fast = 0, late = 0] = ['product-v1-1', slow].map((name) => phase.proxy(name, inboundRequests));
  return late / (fast + late);
}

/** A claim about the share in both phases, in percent, with a tolerance. */
function share(observed: number, tolerance: number, reason: string): Expectation {
  return {
    name: "slow replica's share of v1",
    unit: '%',
    expected: `50 ± 5 % → ${observed} ± ${tolerance} %`,
    value: shareOfSlow,
    holds: (after, before) =>
      Math.abs(before - 0.5) <= 0.05 && Math.abs(after - observed / 100) <= tolerance / 100,
    reason,
  };
}

const everyRequest: Expectation[] = [
  noFailedRequests('a slow replica is slow, and nothing else'),
  {
    name: 'requests to v1',
    value: (phase) =>
      ['product-v1-1', slow].reduce((sum, name) => sum + phase.proxy(name, inboundRequests), 0),
    agreesWith: (phase) => phase.k6('http_reqs', 'count'),
    reason: 'the shares are shares of what k6 sent',
  },
];

/** Short enough for some hundred requests, one after the other. */
const oneAtATime: Disturbance = { faults: { [slow]: { delayMs: 20 } }, inBaseline: true };

export default {
  summary: 'gives a slow replica fewer requests',
  needs: { services: { product: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 7, observeS: 7, restoreS: 1 },
  disturbance: { faults: { [slow]: { delayMs: 150 } }, inBaseline: true },
  expectations: [
    share(
      27,
      7,
      'the proxy draws two of two replicas and may draw one twice: a quarter is left for one that is always busy; of 840 requests, 7 points are 4.7 sigma',
    ),
    ...everyRequest,
  ],
  variants: {
    'round-robin': {
      summary: 'takes turns, however slow a replica is',
      disturbance: oneAtATime,
      expectations: [
        share(50, 1, 'two replicas in turn get half of the requests each'),
        {
          name: 'requests to the same replica as the one before',
          unit: '%',
          expected: '50 ± 10 % → 0 to 1 %',
          value: (phase) => phase.k6('repeated', 'rate'),
          holds: (after, before) => Math.abs(before - 0.5) <= 0.1 && after <= 0.01,
          reason: 'chance repeats half of 420 draws, with 2.4 points for one sigma; turns never repeat',
        },
        ...everyRequest,
      ],
    },
    trap: {
      summary: 'LEAST_REQUEST is no better than chance while requests come one at a time',
      disturbance: oneAtATime,
      expectations: [
        share(
          50,
          10,
          'no request is in progress when the next one starts, so the draw decides: 10 points are 4 sigma',
        ),
        ...everyRequest,
      ],
    },
  },
} satisfies Experiment;
