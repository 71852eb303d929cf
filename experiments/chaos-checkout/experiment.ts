import type { Experiment, Phase } from '@meshmart/experiment-runner/experiment';

const instances = [
  'product-v1-1',
  'product-v1-2',
  'order-v1-1',
  'payment-v1-1',
  'user-v1-1',
  'storefront-v1-1',
];
const faulty = { errorRate: 0.1, dropAfterCommitRate: 0.1, delayMs: 5 };

export default {
  summary: 'loses, repeats, delays, freezes and kills during checkouts; money and stock stay right',
  needs: {
    services: { product: ['v1'], order: ['v1'], payment: ['v1'], user: ['v1'], storefront: ['v1'] },
    targets: ['local'],
    meshes: ['istio'],
    stock: 20_000,
  },
  phases: { baselineS: 10, observeS: 30, restoreS: 3 },
  disturbance: {
    faults: { product: faulty, order: faulty, payment: faulty, user: faulty, storefront: faulty },
    kills: { instances, everyS: 5 },
    // Longer than any peer waits, and than the database keeps a transaction open that does nothing.
    freezes: { instances, everyS: 8, forS: 6 },
  },
  check: true,
  expectations: [
    { name: 'orders that were answered', threshold: 'orders_answered' },
    {
      name: 'requests that failed at a service',
      unit: '%',
      expected: '≥ 15 %, + ≥ 10',
      value: (phase) => shareOf(phase, /^http\.inbound_.*\.downstream_rq_5xx$/),
      // On a busy machine the services refuse some requests early in both phases.
      holds: (observed, baseline) => observed >= 0.15 && observed - baseline >= 0.1,
    },
    {
      name: 'requests whose answer was lost',
      unit: '%',
      expected: '0 % → ≥ 7 %',
      value: (phase) => shareOf(phase, /^cluster\.inbound\|.*\.upstream_cx_destroy_remote_with_active_rq$/),
      holds: (observed, baseline) => baseline === 0 && observed >= 0.07,
    },
    {
      name: 'retries by the proxies',
      expected: 'more',
      value: (phase) => add(phase, ['gateway', ...instances], /\.upstream_rq_retry$/),
      holds: (observed, baseline) => observed > baseline,
    },
    {
      name: 'requests held up to the deadline',
      expected: '0 → ≥ 1',
      value: (phase) => add(phase, instances, /\.fault\.delays_injected$/),
      holds: (observed, baseline) => baseline === 0 && observed > 0,
    },
    {
      name: 'instances killed',
      expected: '0 → ≥ 1',
      value: (phase) => phase.audit().kills,
      holds: (observed, baseline) => baseline === 0 && observed > 0,
    },
    {
      name: 'instances frozen',
      expected: '0 → ≥ 1',
      value: (phase) => phase.audit().freezes,
      holds: (observed, baseline) => baseline === 0 && observed > 0,
    },
    {
      name: 'until all orders had ended',
      unit: 's',
      expected: '≤ 60 s',
      value: (phase) => (phase.audit().quiescentAfterMs ?? Number.POSITIVE_INFINITY) / 1000,
      holds: (observed, baseline) => Math.max(observed, baseline) <= 60,
    },
    none('orders, goods, payments without an end', (phase) => phase.audit().broken('ends')),
    none('orders lost, doubled or not as told', (phase) => phase.audit().broken('orders')),
    none('goods sold twice or lost', (phase) => phase.audit().broken('stock')),
    none('charges doubled, missing or kept', (phase) => phase.audit().broken('charges')),
    none('books that differ', (phase) => phase.audit().broken('books')),
    none('ledger reads out of balance', (phase) => phase.audit().ledgerReads.unbalanced),
    {
      name: 'ledger reads',
      expected: '≥ 1000 → ≥ 3000',
      value: (phase) => phase.audit().ledgerReads.count,
      holds: (observed, baseline) => baseline >= 1000 && observed >= 3000,
    },
  ],
} satisfies Experiment;

function none(name: string, value: (phase: Phase) => number) {
  const holds = (observed: number, baseline: number) => observed === 0 && baseline === 0;
  return { name, expected: '0', value, holds };
}

function add(phase: Phase, proxies: string[], counter: RegExp): number {
  return proxies.reduce((sum, name) => sum + phase.proxy(name, counter), 0);
}

/** Each instance's own sidecar sees every request to it, and every failure: said by the service or told by a lost connection. */
function shareOf(phase: Phase, counter: RegExp): number {
  return (
    add(phase, instances, counter) / add(phase, instances, /^http\.inbound_.*\.downstream_rq_completed$/)
  );
}
