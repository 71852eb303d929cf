import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import {
  inboundFailures,
  inboundRequests,
  outboundRequests,
} from '@meshmart/experiment-runner/proxy-counters';

function copies(name: string, count: (phase: Phase) => number, reason: string): Expectation {
  return {
    name,
    unit: '%',
    expected: '0 → 100 ± 1 %',
    value: (phase) => count(phase) / phase.k6('http_reqs', 'count'),
    holds: (observed, baseline) => baseline === 0 && Math.abs(observed - 1) <= 0.01,
    reason,
  };
}

/** The load reads the orders once, to count them. */
const readsAtTheEnd = 1;

export default {
  summary: 'sends v2 a copy of every request, whose responses nobody sees',
  needs: {
    services: { product: ['v1', 'v2'], order: ['v1'], payment: ['v1'], user: ['v1'] },
    targets: ['local', 'cluster'],
    stock: 100,
  },
  phases: { baselineS: 6, observeS: 6, restoreS: 2 },
  disturbance: { faults: { 'product-v2-1': { errorRate: 1 } }, inBaseline: true },
  expectations: [
    {
      name: 'requests that v1 answered',
      unit: '%',
      metric: 'answered_by_v1',
      thresholds: 'rate==1',
      reason: 'v2 fails every copy, and no client notices it',
    },
    copies(
      "copies sent, by the gateway's proxy",
      (phase) => phase.proxy('gateway', outboundRequests('product', 'v2')),
      'each request was sent once more; 1 % is for the last moment of the load',
    ),
    copies(
      "copies received, by v2's own sidecar",
      (phase) => phase.proxy('product-v2-1', inboundRequests),
      'a second witness that does not know the first',
    ),
    copies(
      'copies that v2 failed',
      (phase) => phase.proxy('product-v2-1', inboundFailures),
      'the new version shows its defect without a customer',
    ),
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=295', observe: 'count>=295', restore: 'count>=95' },
      reason: 'all or nothing: some hundred requests show an exception',
    },
  ],
  variants: {
    trap: {
      summary: 'a copied write is a second write: two sessions per login, but one order per key',
      disturbance: { faults: {} },
      expectations: [
        {
          name: 'sessions per login',
          expected: '1 → 2',
          value: (phase) => phase.k6('sessions', 'count') / phase.k6('logins', 'count'),
          holds: (observed, baseline) => baseline === 1 && observed === 2,
          reason: 'a login has no idempotency key, so its copy starts a session too: all or nothing',
        },
        {
          name: "requests that order received, by its own sidecar's count",
          expected: '1 → 2 per request sent',
          value: (phase) =>
            phase.proxy('order-v1-1', inboundRequests) / (phase.k6('orders_sent', 'count') + readsAtTheEnd),
          holds: (observed, baseline) => baseline === 1 && observed === 2,
          reason: 'the copies did arrive, so that only the key explains the single order',
        },
        {
          name: 'orders per key',
          expected: '1',
          value: (phase) => phase.k6('orders', 'count') / phase.k6('orders_sent', 'count'),
          holds: (observed, baseline) => baseline === 1 && observed === 1,
          reason: 'the service recognises the key, and does not order again',
        },
      ],
      guards: [everyRequestSent],
    },
  },
} satisfies Experiment;
