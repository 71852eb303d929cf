import { describeItems, type Invariant } from './invariant.ts';
import type { OrderRow, ReservationRow, StoreState } from './store-state.ts';

/** Orders against the goods that are held for them. */
export const stockInvariants: Invariant[] = [
  {
    name: 'a confirmed order has its goods, at its prices',
    group: 'stock',
    findBroken({ state }) {
      const reservations = byOrder(state);
      const confirmed = state.orders.filter(({ status }) => status === 'confirmed');
      return confirmed.filter((order) => !hasItsGoods(order, reservations.get(order.id))).map(({ id }) => id);
    },
  },
  {
    name: 'a cancelled order holds no goods',
    group: 'stock',
    findBroken({ state }) {
      const reservations = byOrder(state);
      const holds = ({ id }: OrderRow) => (reservations.get(id)?.status ?? 'released') !== 'released';
      return state.orders.filter((order) => order.status === 'cancelled' && holds(order)).map(({ id }) => id);
    },
  },
  {
    name: 'no goods are held without an order',
    group: 'stock',
    findBroken({ state }) {
      const orders = new Set(state.orders.map(({ id }) => id));
      const held = state.reservations.filter(({ status }) => status !== 'released');
      return held.filter(({ orderId }) => !orders.has(orderId)).map(({ orderId }) => orderId);
    },
  },
  {
    name: 'no goods come or go: stock and what orders hold stay what they were in sum',
    group: 'stock',
    findBroken({ state, goodsBefore }) {
      const goods = countGoods(state);
      return [...goodsBefore].filter(([id, before]) => goods.get(id) !== before).map(([id]) => id);
    },
  },
  {
    name: 'no goods are only reserved any more',
    group: 'ends',
    findBroken({ state }) {
      return state.reservations.filter(({ status }) => status === 'reserved').map(({ orderId }) => orderId);
    },
  },
];

/** By product: what lies on the shelf and what orders hold of it, reserved or confirmed. */
export function countGoods({
  products,
  reservations,
}: Pick<StoreState, 'products' | 'reservations'>): Map<string, number> {
  const goods = new Map(products.map(({ id, stock }) => [id, stock]));
  for (const { status, items } of reservations) {
    if (status === 'released') continue;
    for (const { productId, quantity } of items) goods.set(productId, (goods.get(productId) ?? 0) + quantity);
  }
  return goods;
}

function byOrder({ reservations }: StoreState): Map<string, ReservationRow> {
  return new Map(reservations.map((reservation) => [reservation.orderId, reservation]));
}

function hasItsGoods({ items, totalMinor }: OrderRow, reservation: ReservationRow | undefined): boolean {
  if (reservation?.status !== 'confirmed') return false;
  const total = reservation.items.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0);
  return describeGoods(items) === describeGoods(reservation.items) && total === totalMinor;
}

function describeGoods(items: OrderRow['items']): string {
  return items
    .map((item) => `${describeItems([item])} at ${item.priceMinor}`)
    .sort()
    .join(', ');
}
