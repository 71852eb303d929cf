import { appears, never } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import {
  delaysInjected,
  inboundFailures,
  inboundLostResponses,
  inboundRequests,
  retries,
} from '@meshmart/experiment-runner/proxy-counters';
import { ordersPerS } from './rate.ts';

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
  summary: 'fails, drops, repeats, delays, freezes and kills during checkouts; money and stock stay right',
  needs: {
    services: { product: ['v1'], order: ['v1'], payment: ['v1'], user: ['v1'], storefront: ['v1'] },
    targets: ['local'],
    stock: 20_000,
  },
  phases: { baselineS: 10, observeS: 30, restoreS: 3 },
  disturbance: {
    faults: { product: faulty, order: faulty, payment: faulty, user: faulty, storefront: faulty },
    kills: { instances, everyS: 5 },
    // Longer than any caller waits, and than the database keeps an idle transaction open.
    freezes: { instances, everyS: 8, forS: 6 },
  },
  check: true,
  expectations: [
    {
      name: 'orders answered',
      metric: 'orders_answered',
      thresholds: (durationS) => `count==${ordersPerS * durationS}`,
      reason: 'clients retry with the same idempotency key, so every order gets a response in the end',
    },
    {
      name: 'requests that failed at a service',
      unit: '%',
      expected: '≥ 15 %, + ≥ 10',
      value: (phase) => shareOf(phase, inboundFailures),
      holds: (observed, baseline) => observed >= 0.15 && observed - baseline >= 0.1,
      reason:
        '10 % errors and 10 % lost responses; a busy machine refuses some requests early in both phases',
    },
    {
      name: 'requests whose response was lost',
      unit: '%',
      expected: '0 % → ≥ 7 %',
      value: (phase) => shareOf(phase, inboundLostResponses),
      holds: (observed, baseline) => baseline === 0 && observed >= 0.07,
      reason: '10 % of the requests that did their work lose the response after the commit',
    },
    {
      name: 'retries by the proxies',
      expected: 'more',
      value: (phase) => add(phase, ['gateway', ...instances], retries),
      holds: (observed, baseline) => observed > baseline,
      reason: 'the manifest retries every method, which repeats work that was done but not answered',
    },
    appears(
      'requests delayed to the deadline',
      (phase) => add(phase, instances, delaysInjected),
      'delays end close to the timeout of the caller, which then cannot know what was done',
    ),
    appears('instances killed', (phase) => phase.audit().kills, 'a process can die at any line of the code'),
    appears(
      'instances frozen',
      (phase) => phase.audit().freezes,
      'a frozen process continues later with what it believed before',
    ),
    {
      name: 'time until the store was quiescent',
      unit: 's',
      expected: '≤ 60 s',
      value: (phase) => (phase.audit().quiescentAfterMs ?? Number.POSITIVE_INFINITY) / 1000,
      holds: (observed, baseline) => Math.max(observed, baseline) <= 60,
      reason: 'the store resumes the orders of a dead instance after 10 and 20 s',
    },
    never(
      'orders, units, payments still in progress',
      (phase) => phase.audit().broken('ends'),
      'an order ends confirmed or cancelled',
    ),
    never(
      'orders lost, duplicated or misreported',
      (phase) => phase.audit().broken('orders'),
      'the clients logged what they were told',
    ),
    never(
      'units sold twice or lost',
      (phase) => phase.audit().broken('stock'),
      'what orders hold and what is left add up to the stock before',
    ),
    never(
      'charges duplicated, missing or kept',
      (phase) => phase.audit().broken('charges'),
      'a confirmed order is captured once, a cancelled one not',
    ),
    never(
      'ledger entries that differ',
      (phase) => phase.audit().broken('ledger'),
      'payments, ledger and the provider agree entry by entry',
    ),
    never(
      'ledger reads out of balance',
      (phase) => phase.audit().ledgerReads.unbalanced,
      'double entry: all postings add up to nothing at every moment, not only in the end',
    ),
    {
      name: 'ledger reads',
      expected: '≥ 1000 → ≥ 3000',
      value: (phase) => phase.audit().ledgerReads.count,
      holds: (observed, baseline) => baseline >= 1000 && observed >= 3000,
      reason: 'a moment out of balance would be short, so the ledger is read again and again',
    },
  ],
  guards: [
    { metric: 'orders_unanswered', thresholds: 'count<1', reason: 'no client runs out of patience' },
    {
      metric: 'requests_refused',
      thresholds: 'count<1',
      reason: 'every request is valid, so a refusal tells a client something wrong',
    },
  ],
} satisfies Experiment;

function add(phase: Phase, proxies: string[], counter: RegExp): number {
  return proxies.reduce((sum, name) => sum + phase.proxy(name, counter), 0);
}

/** Returns a share of all requests, by the sidecars of the called instances. */
function shareOf(phase: Phase, counter: RegExp): number {
  return add(phase, instances, counter) / add(phase, instances, inboundRequests);
}
