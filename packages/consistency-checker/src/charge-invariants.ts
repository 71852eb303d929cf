import type { Invariant } from './invariant.ts';
import type { OrderRow, PaymentRow, StoreState } from './store-state.ts';

/** Compares orders with their payments and refunds. */
export const CHARGE_INVARIANTS: Invariant[] = [
  {
    name: "no order is charged twice, by the provider's log",
    group: 'charges',
    findBroken({ state }) {
      const payments = Map.groupBy(state.payments, ({ orderId }) => orderId);
      const entries = Map.groupBy(state.providerLog, ({ reference }) => reference);
      const charges = (paid: PaymentRow[], kind: string) =>
        paid
          .flatMap(({ id }) => entries.get(id) ?? [])
          .filter((entry) => entry.kind === kind && entry.declineCode === null).length;
      return [...payments]
        .filter(([, paid]) => charges(paid, 'authorisation') > 1 || charges(paid, 'capture') > 1)
        .map(([orderId]) => orderId);
    },
  },
  {
    name: 'a confirmed order is paid: one payment, captured for its total, nothing refunded',
    group: 'charges',
    findBroken: ({ state }) => findOrders(state, 'confirmed', (order, payments) => !isPaid(order, payments)),
  },
  {
    name: 'the captured amount is what the customer agreed to',
    group: 'charges',
    findBroken({ state: { orders, payments } }) {
      const agreed = new Map(orders.map(({ id, agreedTotalMinor }) => [id, agreedTotalMinor]));
      const isOther = ({ status, orderId, amountMinor }: PaymentRow) =>
        status === 'captured' && amountMinor !== (agreed.get(orderId) ?? amountMinor);
      return payments.filter(isOther).map(({ orderId }) => orderId);
    },
  },
  {
    name: 'a cancelled order holds no money: declined, voided or fully refunded',
    group: 'charges',
    findBroken: ({ state }) => findOrders(state, 'cancelled', (_, payments) => !payments.every(isReturned)),
  },
  {
    name: 'no payment without an order',
    group: 'charges',
    findBroken({ state }) {
      const orders = new Set(state.orders.map(({ id }) => id));
      return state.payments.filter(({ orderId }) => !orders.has(orderId)).map(({ id }) => id);
    },
  },
  {
    name: 'every payment and every refund has ended',
    group: 'ends',
    findBroken({ state: { payments, refunds } }) {
      const open = payments.filter(({ status }) => status === 'pending' || status === 'authorised');
      const underWay = refunds.filter(({ isCompleted }) => !isCompleted);
      return [...open, ...underWay].map(({ id }) => id);
    },
  },
];

function findOrders(
  { orders, payments }: StoreState,
  status: OrderRow['status'],
  isBroken: (order: OrderRow, payments: PaymentRow[]) => boolean,
): string[] {
  const byOrder = Map.groupBy(payments, ({ orderId }) => orderId);
  const ended = orders.filter((order) => order.status === status);
  return ended.filter((order) => isBroken(order, byOrder.get(order.id) ?? [])).map(({ id }) => id);
}

function isPaid(order: OrderRow, [payment, ...more]: PaymentRow[]): boolean {
  if (!payment || more.length > 0) return false;
  const { status, amountMinor, currency, refundedMinor } = payment;
  const isWhole = amountMinor === order.totalMinor && currency === order.currency && refundedMinor === 0;
  return status === 'captured' && isWhole;
}

function isReturned({ status, amountMinor, refundedMinor }: PaymentRow): boolean {
  if (status === 'captured') return refundedMinor === amountMinor;
  return status === 'declined' || status === 'voided';
}
