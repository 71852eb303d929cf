import type { ClientOrder, OrderResponse } from './client-log.ts';
import { type Evidence, type Invariant, orderFingerprint } from './invariant.ts';
import type { OrderRow } from './store-state.ts';

/** Compares the responses to clients with the orders of the order service. */
export const ORDER_INVARIANTS: Invariant[] = [
  {
    name: 'every response to a key names the one order that the key asked for',
    group: 'orders',
    findBroken({ state, clientOrders }) {
      const orders = byId(state.orders);
      return clientOrders.filter((asked) => !hasRightResponses(asked, orders)).map(({ key }) => key);
    },
  },
  {
    name: 'no two keys share an order',
    group: 'orders',
    findBroken({ clientOrders }) {
      const keys = Map.groupBy(clientOrders, ({ responses }) => responses[0]?.id);
      return [...keys].filter(([id, { length }]) => id && length > 1).map(([id]) => id as string);
    },
  },
  {
    name: 'no key has two orders',
    group: 'orders',
    findBroken: findSurplusOrders,
  },
  {
    name: 'no basket has two orders',
    group: 'orders',
    findBroken: findSurplusOfBaskets,
  },
  {
    name: 'the final status that a client was told stays',
    group: 'orders',
    findBroken({ state, clientOrders }) {
      const orders = byId(state.orders);
      const isBroken = ({ responses, wantsCancel }: ClientOrder) =>
        responses.some((response) => !isStillTrue(response, orders.get(response.id), wantsCancel));
      return clientOrders.filter(isBroken).map(({ key }) => key);
    },
  },
  {
    name: 'an order that a client was told is cancelled is cancelled',
    group: 'orders',
    findBroken({ state, clientOrders }) {
      const orders = byId(state.orders);
      const isBroken = ({ cancelResponses }: ClientOrder) =>
        cancelResponses.some(({ id }) => orders.get(id)?.status !== 'cancelled');
      return clientOrders.filter(isBroken).map(({ key }) => key);
    },
  },
  {
    name: 'every order has ended',
    group: 'ends',
    findBroken: ({ state }) => state.orders.filter(({ status }) => status === 'pending').map(({ id }) => id),
  },
];

function byId(orders: OrderRow[]): Map<string, OrderRow> {
  return new Map(orders.map((order) => [order.id, order]));
}

function hasRightResponses(asked: ClientOrder, orders: Map<string, OrderRow>): boolean {
  return asked.responses.every(({ id }) => {
    const order = orders.get(id);
    return (
      id === asked.responses[0]?.id &&
      order !== undefined &&
      orderFingerprint(order) === orderFingerprint(asked)
    );
  });
}

/**
 * Finds orders with the same fingerprint beyond the number of keys that asked for one. Skips users who are
 * not in the log.
 */
function findSurplusOrders({ state, clientOrders }: Evidence): string[] {
  const users = new Set(clientOrders.map(({ userId }) => userId));
  const asked = Map.groupBy(clientOrders, orderFingerprint);
  const acknowledged = new Set(clientOrders.flatMap(({ responses }) => responses.map(({ id }) => id)));
  const found = Map.groupBy(
    state.orders.filter(({ userId }) => users.has(userId)),
    orderFingerprint,
  );
  return [...found].flatMap(([fingerprint, orders]) => {
    const surplus = orders.length - (asked.get(fingerprint)?.length ?? 0);
    if (surplus <= 0) return [];
    const suspects = orders.toSorted(
      (a, b) => Number(acknowledged.has(a.id)) - Number(acknowledged.has(b.id)),
    );
    return suspects.slice(0, surplus).map(({ id }) => id);
  });
}

/**
 * Finds orders with the same fingerprint beyond the number of baskets that were ordered. The client cannot
 * see them, because their responses were lost.
 */
function findSurplusOfBaskets({ state, clientOrders }: Evidence): string[] {
  const asked = Map.groupBy(
    clientOrders.filter(({ basket }) => basket !== undefined),
    orderFingerprint,
  );
  const standing = Map.groupBy(
    state.orders.filter(({ status }) => status !== 'cancelled'),
    orderFingerprint,
  );
  return [...asked].flatMap(([fingerprint, orders]) => {
    const baskets = new Set(orders.map(({ basket }) => basket));
    return (standing.get(fingerprint) ?? []).slice(baskets.size).map(({ id }) => id);
  });
}

/**
 * Returns whether a response is still true. A final status and a price stay, unless the client has cancelled.
 */
function isStillTrue(response: OrderResponse, order: OrderRow | undefined, wantsCancel: boolean): boolean {
  if (!order) return false;
  if (response.totalMinor !== undefined && response.totalMinor !== order.totalMinor) return false;
  if (response.status === 'pending') return true;
  if (response.status === 'confirmed' && wantsCancel && order.status === 'cancelled') {
    return order.cancelReason === 'customer';
  }
  return order.status === response.status && order.cancelReason === (response.cancelReason ?? null);
}
