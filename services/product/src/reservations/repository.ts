import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';

export interface ReservationItemRequest {
  productId: string;
  quantity: number;
}

const withItems = { items: { include: { product: true }, orderBy: { productId: 'asc' } } } as const;
export type ReservationWithItems = Prisma.ReservationGetPayload<{ include: typeof withItems }>;

export function findReservation(
  database: PrismaClient,
  orderId: string,
): Promise<ReservationWithItems | null> {
  return database.reservation.findUnique({ where: { orderId }, include: withItems });
}

export interface ReservationWish {
  orderId: string;
  items: ReservationItemRequest[];
  lifetimeS: number;
}

/**
 * Reserves all items or none, unless the order has a reservation already. Stock leaves the shelf here; the database refuses to
 * go below zero.
 *
 * @returns whether the order holds a reservation now: false when the one it had was released or has expired
 * @throws `out-of-stock` or `unknown-product`
 */
export function putReservation(database: PrismaClient, { orderId, items, lifetimeS }: ReservationWish) {
  return database.$transaction(async (tx) => {
    // What has expired is told by the database's clock alone, since replicas have one each.
    const made = await tx.$executeRaw`
      INSERT INTO reservations (order_id, expires_at)
      VALUES (${orderId}::uuid, now() + make_interval(secs => ${lifetimeS})) ON CONFLICT DO NOTHING`;
    if (made === 0) return isStanding(tx, orderId);
    // Always in the same order, so that two orders for the same goods wait for each other instead of dead-locking.
    for (const item of items.toSorted((a, b) => a.productId.localeCompare(b.productId))) {
      await takeFromStock(tx, orderId, item);
    }
    return true;
  });
}

async function isStanding(tx: Prisma.TransactionClient, orderId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT FROM reservations WHERE order_id = ${orderId}::uuid
    AND (status = 'confirmed' OR status = 'reserved' AND expires_at > now())`;
  return rows.length === 1;
}

async function takeFromStock(tx: Prisma.TransactionClient, orderId: string, item: ReservationItemRequest) {
  const { productId, quantity } = item;
  const [taken] = await tx.$queryRaw<{ priceMinor: number }[]>`
    UPDATE products SET stock = stock - ${quantity}
    WHERE id = ${productId}::uuid AND stock >= ${quantity}
    RETURNING price_minor AS "priceMinor"`;
  if (!taken) {
    const exists = await tx.product.count({ where: { id: productId } });
    throw problem(exists ? 'out-of-stock' : 'unknown-product', { detail: `product ${productId}` });
  }
  await tx.reservationItem.create({ data: { orderId, productId, quantity, priceMinor: taken.priceMinor } });
}

/** @returns whether the reservation stands confirmed; false when it was released, has expired or was never made */
export async function confirmReservation(database: PrismaClient, orderId: string): Promise<boolean> {
  // One statement decides: expiry and release wait for its row, or it for theirs, and whoever is second sees the other's status.
  const confirmed = await database.$executeRaw`
    UPDATE reservations SET status = 'confirmed' WHERE order_id = ${orderId}::uuid
    AND (status = 'confirmed' OR status = 'reserved' AND expires_at > now())`;
  return confirmed === 1;
}

/**
 * Gives everything back, once, also after it was confirmed: that is how an order is cancelled. A reservation that is still on
 * its way, such as a slow or repeated request, is noted down as released before it is made, so that it takes nothing any more.
 */
export async function releaseReservation(database: PrismaClient, orderId: string): Promise<void> {
  await database.$transaction(async (tx) => {
    const tombstone = { orderId, status: 'released' as const };
    const { count } = await tx.reservation.createMany({ data: tombstone, skipDuplicates: true });
    if (count === 1) return;
    const released = await tx.reservation.updateMany({
      where: { orderId, status: { not: 'released' } },
      data: { status: 'released' },
    });
    if (released.count === 1) await putBackToStock(tx, [orderId]);
  });
}

/**
 * Releases what was not confirmed in time. Replicas that look at the same moment take different ones.
 *
 * @returns the ids of the orders that lost their reservation, at most 100
 */
export function releaseExpired(database: PrismaClient): Promise<string[]> {
  return database.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ orderId: string }[]>`
      UPDATE reservations SET status = 'released' WHERE order_id = ANY (ARRAY(
        SELECT order_id FROM reservations WHERE status = 'reserved' AND expires_at <= now()
        ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED))
      RETURNING order_id AS "orderId"`;
    const orderIds = rows.map(({ orderId }) => orderId);
    await putBackToStock(tx, orderIds);
    return orderIds;
  });
}

/** Only for who has just taken these reservations to `released` in the same transaction, which is what makes it happen once. */
async function putBackToStock(tx: Prisma.TransactionClient, orderIds: string[]): Promise<void> {
  const products = await tx.reservationItem.groupBy({
    by: 'productId',
    where: { orderId: { in: orderIds } },
    _sum: { quantity: true },
    orderBy: { productId: 'asc' }, // the order in which reserving takes them, against dead-locks
  });
  for (const { productId, _sum } of products) {
    await tx.product.update({
      where: { id: productId },
      data: { stock: { increment: _sum.quantity ?? 0 } },
    });
  }
}
