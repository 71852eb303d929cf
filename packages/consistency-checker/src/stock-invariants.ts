import { formatItems, type Invariant } from './invariant.ts';
import type { OrderRow, ReservationRow, StoreState } from './store-state.ts';

/** Compares orders with their reservations, and stock with its sum before the load. */
export const STOCK_INVARIANTS: Invariant[] = [
  {
    name: 'a confirmed order has its stock, at its prices',
    group: 'stock',
    findBroken({ state }) {
      const reservations = byOrder(state);
      const confirmed = state.orders.filter(({ status }) => status === 'confirmed');
      return confirmed.filter((order) => !hasItsStock(order, reservations.get(order.id))).map(({ id }) => id);
    },
  },
  {
    name: 'a cancelled order holds no stock',
    group: 'stock',
    findBroken({ state }) {
      const reservations = byOrder(state);
      const holds = ({ id }: OrderRow) => (reservations.get(id)?.status ?? 'released') !== 'released';
      return state.orders.filter((order) => order.status === 'cancelled' && holds(order)).map(({ id }) => id);
    },
  },
  {
    name: 'no stock is held without an order',
    group: 'stock',
    findBroken({ state }) {
      const orders = new Set(state.orders.map(({ id }) => id));
      const held = state.reservations.filter(({ status }) => status !== 'released');
      return held.filter(({ orderId }) => !orders.has(orderId)).map(({ orderId }) => orderId);
    },
  },
  {
    name: 'no unit appears or disappears: stock and held units add up to what they were',
    group: 'stock',
    findBroken({ state, unitsBefore }) {
      const units = countUnits(state);
      return [...unitsBefore].filter(([id, before]) => units.get(id) !== before).map(([id]) => id);
    },
  },
  {
    name: 'no stock is still only reserved',
    group: 'ends',
    findBroken({ state }) {
      return state.reservations.filter(({ status }) => status === 'reserved').map(({ orderId }) => orderId);
    },
  },
];

/** Counts the units of each product in stock and held by orders, reserved or confirmed. */
export function countUnits({
  products,
  reservations,
}: Pick<StoreState, 'products' | 'reservations'>): Map<string, number> {
  const units = new Map(products.map(({ id, stock }) => [id, stock]));
  for (const { status, items } of reservations) {
    if (status === 'released') continue;
    for (const { productId, quantity } of items) units.set(productId, (units.get(productId) ?? 0) + quantity);
  }
  return units;
}

function byOrder({ reservations }: StoreState): Map<string, ReservationRow> {
  return new Map(reservations.map((reservation) => [reservation.orderId, reservation]));
}

function hasItsStock({ items, totalMinor }: OrderRow, reservation: ReservationRow | undefined): boolean {
  if (reservation?.status !== 'confirmed') return false;
  const total = reservation.items.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0);
  return formatPricedItems(items) === formatPricedItems(reservation.items) && total === totalMinor;
}

function formatPricedItems(items: OrderRow['items']): string {
  return items
    .map((item) => `${formatItems([item])} at ${item.priceMinor}`)
    .sort()
    .join(', ');
}
