import { describe, expect, test } from 'vitest';
import { findViolations, INVARIANTS } from '../src/check.ts';
import { type ClientOrder, collectOrders } from '../src/client-log.ts';
import type { Evidence } from '../src/invariant.ts';
import type { OrderRow } from '../src/store-state.ts';
import { anotherPayment, createEvidence, entry, line } from './checker-fixture.ts';

/** A corruption of a consistent store, and the ids that each invariant must report. */
interface Corruption {
  wrong: string;
  corrupt(evidence: Evidence): void;
  found: Record<string, string[]>;
}

const response = 'every response to a key names the one order that the key asked for';
const shared = 'no two keys share an order';
const twice = 'no key has two orders';
const basketTwice = 'no basket has two orders';
const told = 'the final status that a client was told stays';
const cancelled = 'an order that a client was told is cancelled is cancelled';
const reason = 'every cancelled order has a true reason';
const ended = 'every order has ended';
const stock = 'a confirmed order has its stock, at its prices';
const holdsStock = 'a cancelled order holds no stock';
const noOrder = 'no stock is held without an order';
const conserved = 'no unit appears or disappears: stock and held units add up to what they were';
const reserved = 'no stock is still only reserved';
const charged = "no order is charged twice, by the provider's log";
const paid = 'a confirmed order is paid: one payment, captured for its total, nothing refunded';
const agreed = 'the captured amount is what the customer agreed to';
const holdsMoney = 'a cancelled order holds no money: declined, voided or fully refunded';
const noPayer = 'no payment without an order';
const open = 'every payment and every refund has ended';
const balanced = 'every ledger entry balances';
const ledger = 'the ledger has exactly the captures and refunds of the payments';
const provider = "the provider's log has exactly what the payments say";
const refunded = 'refunds add up to the refunded amount of their payment, and never exceed what was captured';
const accounts = 'captured amounts are refunded or retained, by the accounts of each currency';

const corruptions: Corruption[] = [
  {
    wrong: 'an acknowledged order that was never stored',
    corrupt: ({ clientOrders }) => clientOrders[2]?.responses.splice(0, 1, { id: 'lost', status: 'pending' }),
    found: { [response]: ['k3'], [told]: ['k3'] },
  },
  {
    wrong: 'a response that names the order of another user',
    corrupt: ({ state }) => find(state.orders, 'late', { userId: 'eve' }),
    found: { [response]: ['k3'] },
  },
  {
    wrong: 'two responses to one key with two orders',
    corrupt: ({ clientOrders }) => clientOrders[0]?.responses.push({ id: 'late', status: 'pending' }),
    found: { [response]: ['k1'] },
  },
  {
    wrong: 'one order in the responses to two keys',
    corrupt: ({ clientOrders }) => clientOrders[4]?.responses.push({ id: 'late', status: 'pending' }),
    found: { [shared]: ['late'] },
  },
  {
    wrong: 'a second order for a key',
    corrupt: ({ state }) => state.orders.push({ ...(state.orders[3] as OrderRow), id: 'again' }),
    found: { [twice]: ['again'], [reason]: ['again'] },
  },
  {
    wrong: 'a second order of one basket, with a key of its own',
    corrupt({ state, clientOrders }) {
      const asked = { ...(clientOrders[0] as ClientOrder), userId: 'bob', basket: 'b', responses: [] };
      clientOrders.push({ ...asked, key: 'b1' }, { ...asked, key: 'b2' });
      const order = { ...(state.orders[0] as OrderRow), userId: 'bob', status: 'pending' as const };
      state.orders.push({ ...order, id: 'once' }, { ...order, id: 'again' });
    },
    found: { [basketTwice]: ['again'], [ended]: ['once', 'again'] },
  },
  {
    wrong: 'a charge at another total than the agreed one',
    corrupt: ({ state }) => find(state.orders, 'bought', { agreedTotalMinor: 500 }),
    found: { [agreed]: ['bought'] },
  },
  {
    wrong: 'an acknowledged final status that changed',
    corrupt({ state }) {
      find(state.orders, 'bought', { status: 'cancelled', cancelReason: 'expired' });
    },
    found: { [told]: ['k1'], [reason]: ['bought'], [holdsStock]: ['bought'], [holdsMoney]: ['bought'] },
  },
  {
    wrong: 'a price that changed after it was reported',
    corrupt: ({ state }) => find(state.orders, 'declined', { totalMinor: 601 }),
    found: { [told]: ['k4'] },
  },
  {
    wrong: 'an acknowledged cancellation that did not happen',
    corrupt: ({ clientOrders }) => clientOrders[0]?.cancelResponses.push({ id: 'bought', status: 'pending' }),
    found: { [cancelled]: ['k1'] },
  },
  {
    wrong: 'an order that was cancelled although its customer wanted it',
    corrupt: ({ clientOrders }) => Object.assign(clientOrders[2] as ClientOrder, { wantsCancel: false }),
    found: { [reason]: ['late'] },
  },
  ...['expired', 'payment-declined', 'unknown-product', 'not-payable', 'price-changed'].map(
    (cancelReason) => ({
      wrong: `${cancelReason} as the reason of an order that it is not true for`,
      corrupt: ({ state }: Evidence) => find(state.orders, 'late', { cancelReason }),
      found: { [reason]: ['late'] },
    }),
  ),
  {
    wrong: 'a refusal although there was always enough stock',
    corrupt({ state, unitsBefore }) {
      find(state.products, 'tea', { stock: 8 });
      unitsBefore.set('tea', 10);
    },
    found: { [reason]: ['sold-out'] },
  },
  {
    wrong: 'an order that was not payable without ever having had a price',
    corrupt({ state }) {
      find(state.orders, 'sold-out', { cancelReason: 'not-payable' });
      state.reservations.push({ orderId: 'sold-out', status: 'released', items: [] });
    },
    found: { [reason]: ['sold-out'] },
  },
  {
    wrong: 'an order that never ended',
    corrupt: ({ state }) => find(state.orders, 'late', { status: 'pending' }),
    found: { [ended]: ['late'] },
  },
  {
    wrong: 'a confirmed order whose stock was released',
    corrupt({ state }) {
      find(state.reservations, 'bought', { status: 'released' });
      find(state.products, 'tea', { stock: 9 });
    },
    found: { [stock]: ['bought'] },
  },
  {
    wrong: 'a confirmed order with other items than it asked for',
    corrupt({ state, unitsBefore }) {
      find(state.reservations, 'bought', { items: [{ productId: 'tea', quantity: 1, priceMinor: 600 }] });
      unitsBefore.set('tea', 8);
    },
    found: { [stock]: ['bought'] },
  },
  {
    wrong: 'a confirmed order at other prices than its items had',
    corrupt: ({ state }) =>
      find(state.reservations, 'bought', { items: [{ productId: 'tea', quantity: 2, priceMinor: 301 }] }),
    found: { [stock]: ['bought'] },
  },
  {
    wrong: 'a confirmed order whose items have swapped prices',
    corrupt({ state, clientOrders }) {
      const [tea, cup] = [
        { productId: 'tea', quantity: 2 },
        { productId: 'cup', quantity: 2 },
      ];
      Object.assign(clientOrders[0] as ClientOrder, { items: [tea, cup] });
      const priced = (teaMinor: number, cupMinor: number) => [
        { ...tea, priceMinor: teaMinor },
        { ...cup, priceMinor: cupMinor },
      ];
      find(state.orders, 'bought', { items: priced(100, 200) });
      find(state.reservations, 'bought', { items: priced(200, 100) });
    },
    found: { [stock]: ['bought'] },
  },
  {
    wrong: 'a cancelled order that still holds stock',
    corrupt({ state }) {
      find(state.reservations, 'declined', { status: 'confirmed' });
      find(state.products, 'tea', { stock: 5 });
    },
    found: { [holdsStock]: ['declined'] },
  },
  {
    wrong: 'stock that is held for a missing order',
    corrupt({ state }) {
      state.reservations.push({ orderId: 'ghost', status: 'confirmed', items: [] });
    },
    found: { [noOrder]: ['ghost'] },
  },
  {
    wrong: 'stock that was released twice',
    corrupt: ({ state }) => find(state.products, 'tea', { stock: 9 }),
    found: { [conserved]: ['tea'] },
  },
  {
    wrong: 'stock that stays reserved',
    corrupt({ state }) {
      find(state.reservations, 'late', { status: 'reserved' });
      find(state.products, 'tea', { stock: 5 });
    },
    found: { [holdsStock]: ['late'], [reserved]: ['late'] },
  },
  {
    wrong: 'a second payment for an order',
    corrupt({ state }) {
      state.payments.push(anotherPayment('bought'));
      state.ledger.push(entry('capture', 'second-bought'));
      state.providerLog.push(line('authorisation', 'second-bought'), line('capture', 'second-bought'));
    },
    found: { [charged]: ['bought'], [paid]: ['bought'] },
  },
  {
    wrong: 'a second capture that only the provider has',
    corrupt: ({ state }) => state.providerLog.push(line('capture', 'pay-bought')),
    found: { [charged]: ['bought'], [provider]: ['pay-bought'] },
  },
  {
    wrong: 'a confirmed order that was charged another amount',
    corrupt: ({ state }) => find(state.orders, 'sold-out', { status: 'confirmed', cancelReason: null }),
    found: { [stock]: ['sold-out'], [paid]: ['sold-out'] },
  },
  {
    wrong: 'a cancelled order whose money was kept',
    corrupt({ state }) {
      find(state.payments, 'pay-returned', { refundedMinor: 0 });
      state.refunds = [];
      state.ledger.pop();
      state.providerLog = state.providerLog.filter(({ kind }) => kind !== 'refund');
    },
    found: { [holdsMoney]: ['returned'] },
  },
  {
    wrong: 'an authorisation that was never voided',
    corrupt({ state }) {
      find(state.payments, 'pay-late', { status: 'authorised' });
      state.providerLog = state.providerLog.filter(({ kind }) => kind !== 'void');
    },
    found: { [holdsMoney]: ['late'], [open]: ['pay-late'] },
  },
  {
    wrong: 'a payment for a missing order',
    corrupt({ state }) {
      const payment = { ...anotherPayment('ghost'), status: 'declined' as const };
      state.payments.push(payment);
      state.providerLog.push(line('authorisation', payment.id));
    },
    found: { [noPayer]: ['second-ghost'] },
  },
  {
    wrong: 'a refund that is still in progress',
    corrupt({ state }) {
      find(state.refunds, 'refund-returned', { isCompleted: false });
      state.ledger.pop();
    },
    found: { [open]: ['refund-returned'] },
  },
  {
    wrong: 'an entry with one side',
    corrupt: ({ state }) => state.ledger[0]?.postings.pop(),
    found: { [balanced]: ['capture of pay-bought'], [ledger]: ['pay-bought'], [accounts]: ['EUR'] },
  },
  {
    wrong: 'a capture that was posted twice',
    corrupt: ({ state }) => state.ledger.push(entry('capture', 'pay-bought')),
    found: { [ledger]: ['pay-bought'], [accounts]: ['EUR'] },
  },
  {
    wrong: 'a capture that was not posted',
    corrupt: ({ state }) => state.ledger.shift(),
    found: { [ledger]: ['pay-bought'], [accounts]: ['EUR'] },
  },
  {
    wrong: 'a charge that the provider does not have',
    corrupt: ({ state }) => state.providerLog.splice(1, 1),
    found: { [provider]: ['pay-bought'] },
  },
  {
    wrong: 'a refund of another amount at the provider',
    corrupt({ state }) {
      const refund = state.providerLog.find(({ kind }) => kind === 'refund');
      Object.assign(refund ?? {}, { amountMinor: 60 });
    },
    found: { [provider]: ['refund-returned'] },
  },
  {
    wrong: 'a payment with a larger refunded amount than its refunds',
    corrupt: ({ state }) => find(state.payments, 'pay-bought', { refundedMinor: 100 }),
    found: { [paid]: ['bought'], [refunded]: ['pay-bought'] },
  },
];

test('finds nothing in a consistent store', () => {
  expect(findViolations(createEvidence())).toEqual([]);
});

test.each([
  ['unknown-product', ({ state }: Evidence) => state.products.pop()],
  [
    'not-payable',
    ({ state }: Evidence) =>
      find(state.reservations, 'late', { items: [{ productId: 'tea', quantity: 2, priceMinor: 0 }] }),
  ],
])('accepts %s where it is true', (cancelReason, makeTrue) => {
  const evidence = createEvidence();
  find(evidence.state.orders, 'late', { cancelReason });
  makeTrue(evidence);
  const brokenRules = findViolations(evidence).map(({ name }) => name);
  expect(brokenRules).not.toContain(reason);
});

test('a customer may have cancelled an order whose response got lost', () => {
  const evidence = createEvidence();
  Object.assign(evidence.clientOrders[2] as ClientOrder, { responses: [] });
  expect(findViolations(evidence)).toEqual([]);
});

describe('finds', () => {
  test.each(corruptions)('$wrong', ({ corrupt, found }) => {
    const evidence = createEvidence();
    corrupt(evidence);
    const findings = findViolations(evidence).map(({ name, ids }) => [name, ids]);
    expect(Object.fromEntries(findings)).toEqual(found);
  });

  test('at least one corruption by each invariant', () => {
    const seen = new Set(corruptions.flatMap(({ found }) => Object.keys(found)));
    expect(INVARIANTS.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
  });
});

test('ignores users who are not in the client log', () => {
  const evidence = createEvidence();
  evidence.clientOrders = [];
  expect(findViolations(evidence)).toEqual([]);
});

test('collects the responses to reads, too', () => {
  const look = {
    event: 'read' as const,
    key: 'k9',
    status: 200,
    response: { id: 'bought', status: 'confirmed' as const },
  };
  const place = {
    event: 'place' as const,
    key: 'k9',
    userId: 'ada',
    paymentToken: 'tok_approved',
    items: [],
  };
  expect(collectOrders([place, look])[0]?.responses).toEqual([look.response]);
});

test('refuses a client log with a key that was never sent', () => {
  expect(() => collectOrders([{ event: 'cancel', key: 'k9' }])).toThrow('k9, which was never sent');
});

/** Changes the row with this id or order id. */
function find<Row extends object>(rows: Row[], id: string, change: Partial<Row>): void {
  const row = rows.find((one) => ('id' in one ? one.id : 'orderId' in one && one.orderId) === id);
  if (!row) throw new Error(`there is no row ${id}`);
  Object.assign(row, change);
}
