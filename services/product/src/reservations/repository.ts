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

/**
 * Reserves all items or none. Stock leaves the shelf here; the database refuses to go below zero.
 *
 * @returns whether it was made now: false when the order holds a reservation already
 */
export function createReservation(database: PrismaClient, orderId: string, items: ReservationItemRequest[]) {
  return database.$transaction(async (tx) => {
    const made = await tx.reservation.createMany({ data: { orderId }, skipDuplicates: true });
    if (made.count === 0) return false;
    // Always in the same order, so that two orders for the same goods wait for each other instead of dead-locking.
    for (const item of items.toSorted((a, b) => a.productId.localeCompare(b.productId))) {
      await takeFromStock(tx, orderId, item);
    }
    return true;
  });
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

/** @returns whether the reservation stands confirmed; false when it was released or never made */
export async function confirmReservation(database: PrismaClient, orderId: string): Promise<boolean> {
  const { count } = await database.reservation.updateMany({
    where: { orderId, status: { in: ['reserved', 'confirmed'] } },
    data: { status: 'confirmed' },
  });
  return count === 1;
}

/** Puts everything back on the shelf, once. @returns whether the reservation stands released; false when it was never made */
export function releaseReservation(database: PrismaClient, orderId: string): Promise<boolean> {
  return database.$transaction(async (tx) => {
    const released = await tx.reservation.updateMany({
      where: { orderId, status: { not: 'released' } },
      data: { status: 'released' },
    });
    if (released.count === 0) return (await tx.reservation.count({ where: { orderId } })) === 1;
    const items = await tx.reservationItem.findMany({ where: { orderId }, orderBy: { productId: 'asc' } });
    for (const { productId, quantity } of items) {
      await tx.product.update({ where: { id: productId }, data: { stock: { increment: quantity } } });
    }
    return true;
  });
}
