import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';

const rateLimited = /^product\.http_local_rate_limit\.rate_limited$/;

/** Returns the duration of the load, which a busy machine prolongs. */
function secondsOf(phase: Phase): number {
  return phase.k6('http_reqs', 'count') / phase.k6('http_reqs', 'rate');
}

/** A claim about the requests that get through in a second. @param limit by all replicas together */
function answered(limit: number, reason: string): Expectation {
  const [from, to] = [limit * 0.9, limit * 1.25];
  return {
    name: 'GET /products answered in a second',
    expected: `≥ 30 → ${from} to ${to}`,
    value: (phase) => phase.k6('limited', 'fails') / secondsOf(phase),
    holds: (observed, baseline) => baseline >= 30 && observed >= from && observed <= to,
    reason,
  };
}

const others: Expectation[] = [
  {
    name: 'failed otherwise',
    unit: '%',
    metric: 'failed',
    thresholds: 'rate==0',
    reason: 'each request is answered, or refused by the limit',
  },
  {
    name: "requests limited, by product's sidecars",
    value: (phase) =>
      ['product-v1-1', 'product-v1-2', 'product-v2-1'].reduce(
        (sum, name) => sum + phase.proxy(name, rateLimited),
        0,
      ),
    agreesWith: (phase) => phase.k6('limited', 'passes'),
    reason: 'every 429 that k6 saw came from a bucket that was empty',
  },
];

export default {
  summary: 'answers 429 above 10 requests a second',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 5, observeS: 8, restoreS: 2 },
  expectations: [
    answered(
      10,
      'a bucket of 10 tokens that is full at first and filled every second lets 10 to 11.3 through',
    ),
    ...others,
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'two replicas let twice as many requests through',
      expectations: [answered(20, 'each replica has its own bucket, and none knows of the other'), ...others],
    },
  },
} satisfies Experiment;
