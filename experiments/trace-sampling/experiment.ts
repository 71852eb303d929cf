import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';

/** Returns the share of k6's requests that the gateway chose to record. */
function sampled(phase: Phase): number {
  return (
    phase.proxy('gateway', /^http\.outbound_.*\.tracing\.random_sampling$/) / phase.k6('http_reqs', 'count')
  );
}

const common: Expectation[] = [
  noFailedRequests('recording must not change what it records'),
  {
    name: 'requests',
    metric: 'http_reqs',
    thresholds: { baseline: 'count>=4000', observe: 'count>=4000', restore: 'count>=600' },
    reason: '10 % of 4,000 requests vary by 0.47 points (one sigma), so 2 points are 4.2 sigma',
  },
];

const isAbout = (share: number, points: number) => (observed: number, baseline: number) =>
  baseline === 1 && Math.abs(observed - share) <= points;

export default {
  summary: 'records one request in ten instead of every one',
  needs: { services: { product: ['v1'] }, targets: ['cluster'] },
  phases: { baselineS: 14, observeS: 14, restoreS: 3 },
  expectations: [
    {
      name: "recorded requests, by the gateway's proxy",
      unit: '%',
      expected: '100 % → 10 ± 2 %',
      value: sampled,
      holds: isAbout(0.1, 0.02),
      reason: 'the gateway is the first proxy, and decides for all that follow',
    },
    ...common,
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'without a percentage one request in a hundred is recorded',
      expectations: [
        {
          name: "recorded requests, by the gateway's proxy",
          unit: '%',
          expected: '100 % → 1 ± 0.7 %',
          value: sampled,
          holds: isAbout(0.01, 0.007),
          reason: '1 % of 4,200 requests vary by 0.15 points (one sigma)',
        },
        ...common,
      ],
    },
  },
} satisfies Experiment;
