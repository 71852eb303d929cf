import { type ClientEvent, collectOrders } from '../src/client-log.ts';
import type { Evidence } from '../src/invariant.ts';
import { countUnits } from '../src/stock-invariants.ts';
import type { LedgerEntryRow, OrderRow, PaymentRow, ProviderRow, StoreState } from '../src/store-state.ts';

const item = { productId: 'tea', quantity: 2, priceMinor: 300 };
const order: Omit<OrderRow, 'id' | 'status'> = {
  userId: 'ada',
  cancelReason: null,
  paymentToken: 'tok_approved',
  totalMinor: 600,
  agreedTotalMinor: 600,
  currency: 'EUR',
  items: [item],
};
const payment = { amountMinor: 600, currency: 'EUR', declineCode: null, refundedMinor: 0 };

/** Creates a quiescent, consistent store after five orders with different outcomes. */
export function createEvidence(): Evidence {
  const state: StoreState = {
    orders: [
      { ...order, id: 'bought', status: 'confirmed' },
      { ...order, id: 'returned', status: 'cancelled', cancelReason: 'customer' },
      { ...order, id: 'late', status: 'cancelled', cancelReason: 'customer' },
      {
        ...order,
        id: 'declined',
        status: 'cancelled',
        cancelReason: 'payment-declined',
        paymentToken: 'tok_declined',
      },
      { ...order, id: 'sold-out', status: 'cancelled', cancelReason: 'out-of-stock', totalMinor: null },
    ],
    reservations: [
      { orderId: 'bought', status: 'confirmed', items: [item] },
      { orderId: 'returned', status: 'released', items: [item] },
      { orderId: 'late', status: 'released', items: [item] },
      { orderId: 'declined', status: 'released', items: [item] },
    ],
    products: [{ id: 'tea', stock: 7 }],
    payments: [
      { ...payment, id: 'pay-bought', orderId: 'bought', status: 'captured' },
      { ...payment, id: 'pay-returned', orderId: 'returned', status: 'captured', refundedMinor: 600 },
      { ...payment, id: 'pay-late', orderId: 'late', status: 'voided' },
      {
        ...payment,
        id: 'pay-declined',
        orderId: 'declined',
        status: 'declined',
        declineCode: 'do_not_honour',
      },
    ],
    refunds: [{ id: 'refund-returned', paymentId: 'pay-returned', amountMinor: 600, isCompleted: true }],
    ledger: [
      entry('capture', 'pay-bought'),
      entry('capture', 'pay-returned'),
      entry('refund', 'refund-returned'),
    ],
    providerLog: [
      line('authorisation', 'pay-bought'),
      line('capture', 'pay-bought'),
      line('authorisation', 'pay-returned'),
      line('capture', 'pay-returned'),
      { ...line('refund', 'refund-returned'), paymentReference: 'pay-returned' },
      line('authorisation', 'pay-late'),
      line('void', 'pay-late'),
      { ...line('authorisation', 'pay-declined'), declineCode: 'do_not_honour' },
    ],
  };
  return { state, clientOrders: collectOrders(clientEvents), unitsBefore: countUnits(state) };
}

const place = {
  event: 'place' as const,
  userId: 'ada',
  paymentToken: 'tok_approved',
  items: [{ productId: 'tea', quantity: 2 }],
};

/** The client's log of these orders. */
const clientEvents: ClientEvent[] = [
  { ...place, key: 'k1' },
  { event: 'placed', key: 'k1', status: 0 },
  {
    event: 'placed',
    key: 'k1',
    status: 201,
    response: { id: 'bought', status: 'confirmed', totalMinor: 600 },
  },
  { ...place, key: 'k2' },
  {
    event: 'placed',
    key: 'k2',
    status: 201,
    response: { id: 'returned', status: 'confirmed', totalMinor: 600 },
  },
  { event: 'cancel', key: 'k2' },
  { event: 'cancelled', key: 'k2', status: 200, response: { id: 'returned', status: 'cancelled' } },
  { ...place, key: 'k3' },
  { event: 'placed', key: 'k3', status: 201, response: { id: 'late', status: 'pending' } },
  { event: 'cancel', key: 'k3' },
  { event: 'cancelled', key: 'k3', status: 0 },
  { ...place, key: 'k4', paymentToken: 'tok_declined' },
  {
    event: 'placed',
    key: 'k4',
    status: 201,
    response: { id: 'declined', status: 'cancelled', cancelReason: 'payment-declined', totalMinor: 600 },
  },
  { ...place, key: 'k5' },
  { event: 'placed', key: 'k5', status: 503 },
];

export function entry(kind: LedgerEntryRow['kind'], reference: string): LedgerEntryRow {
  const [debit, credit] =
    kind === 'capture'
      ? (['provider_receivable', 'sales'] as const)
      : (['refunds', 'provider_receivable'] as const);
  const postings = [
    { account: debit, amountMinor: 600 },
    { account: credit, amountMinor: -600 },
  ];
  return { id: `${kind} of ${reference}`, kind, reference, currency: 'EUR', postings };
}

export function line(kind: ProviderRow['kind'], reference: string): ProviderRow {
  return { reference, kind, paymentReference: null, amountMinor: 600, declineCode: null };
}

export function anotherPayment(orderId: string): PaymentRow {
  return { ...payment, id: `second-${orderId}`, orderId, status: 'captured' };
}
