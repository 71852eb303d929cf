import { type Evidence, type Invariant, orderFingerprint } from './invariant.ts';
import type { OrderRow, ReservationRow } from './store-state.ts';

/** The largest amount that the payment service accepts. */
const MAX_AMOUNT_MINOR = 2_147_483_647;

/** Compares cancelled orders with the records of the other services. */
export const CANCEL_INVARIANTS: Invariant[] = [
  {
    name: 'every cancelled order has a true reason',
    group: 'orders',
    findBroken(evidence) {
      const { state, clientOrders } = evidence;
      const users = new Set(clientOrders.map(({ userId }) => userId));
      const hasReason = readReasons(evidence);
      const cancelled = state.orders.filter(
        ({ status, userId }) => status === 'cancelled' && users.has(userId),
      );
      return cancelled.filter((order) => !hasReason(order)).map(({ id }) => id);
    },
  },
];

/**
 * Returns a check of an order's cancel reason. When stock ran out is no longer visible, but whether it can
 * have: each order takes its units once, so at most the units of all reservations together, released ones
 * included, were ever taken. No order of a test waits long enough to expire.
 */
function readReasons({ state, clientOrders, unitsBefore }: Evidence): (order: OrderRow) => boolean {
  const isUnwanted = readUnwanted(clientOrders);
  const declined = new Set(
    state.payments.filter(({ status }) => status === 'declined').map(({ orderId }) => orderId),
  );
  const products = new Set(state.products.map(({ id }) => id));
  const taken = countTaken(state.reservations);
  const reserved = new Map(state.reservations.map(({ orderId, items }) => [orderId, items]));
  const reasons: Record<string, (order: OrderRow) => boolean> = {
    customer: isUnwanted,
    'payment-declined': ({ id }) => declined.has(id),
    'unknown-product': ({ items }) => items.some(({ productId }) => !products.has(productId)),
    'out-of-stock': ({ items }) =>
      items.some(
        ({ productId, quantity }) =>
          (unitsBefore.get(productId) ?? 0) - (taken.get(productId) ?? 0) < quantity,
      ),
    'not-payable': ({ id }) => !isPayable(reserved.get(id)),
    'price-changed': ({ id, agreedTotalMinor }) =>
      agreedTotalMinor !== null && agreedTotalMinor !== totalOf(reserved.get(id)),
  };
  return (order) => reasons[order.cancelReason ?? '']?.(order) ?? false;
}

/** An order that no response has named may belong to any key that asked for the same. */
function readUnwanted(clientOrders: Evidence['clientOrders']): (order: OrderRow) => boolean {
  const named = new Set(clientOrders.flatMap(({ responses }) => responses.map(({ id }) => id)));
  const unwanted = clientOrders.filter(({ wantsCancel }) => wantsCancel);
  const ids = new Set(unwanted.flatMap(({ responses }) => responses.map(({ id }) => id)));
  const fingerprints = new Set(unwanted.map(orderFingerprint));
  return (order) => ids.has(order.id) || (!named.has(order.id) && fingerprints.has(orderFingerprint(order)));
}

/** Counts the units of all reservations by product. */
function countTaken(reservations: ReservationRow[]): Map<string, number> {
  const taken = new Map<string, number>();
  for (const { productId, quantity } of reservations.flatMap(({ items }) => items)) {
    taken.set(productId, (taken.get(productId) ?? 0) + quantity);
  }
  return taken;
}

/** Unreserved items have no price, so the price cannot have been refused. */
function isPayable(items: ReservationRow['items'] = []): boolean {
  const total = totalOf(items);
  return items.length === 0 || (total >= 1 && total <= MAX_AMOUNT_MINOR);
}

function totalOf(items: ReservationRow['items'] = []): number {
  return items.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0);
}
