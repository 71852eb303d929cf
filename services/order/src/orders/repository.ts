import { type Claim, claimKey, completeKey, type KeyedRequest } from '@meshmart/service/idempotency';
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { Reservation } from '../peers/product.ts';

const withItems = { items: { orderBy: { productId: 'asc' } } } as const;
export type OrderWithItems = Prisma.OrderGetPayload<{ include: typeof withItems }>;

export interface NewOrder {
  id: string;
  userId: string;
  paymentToken: string;
  currency: string;
  items: { productId: string; quantity: number }[];
}

/** Claims the key and stores the order in one transaction, before anything is done for it. */
export function beginOrder(database: PrismaClient, request: KeyedRequest, order: NewOrder): Promise<Claim> {
  return database.$transaction(async (tx) => {
    const claim = await claimKey(tx, request, order.id);
    if (claim.state === 'claimed' && claim.isNew) {
      await tx.order.create({ data: { ...order, items: { create: order.items } } });
    }
    return claim;
  });
}

export function storeAnswer<T>(database: PrismaClient, request: KeyedRequest, answer: T): Promise<T> {
  return completeKey(database, request, 201, answer);
}

export function getOrder(database: PrismaClient, id: string): Promise<OrderWithItems> {
  return database.order.findUniqueOrThrow({ where: { id }, include: withItems });
}

/** @returns null when there is no such order, or it is another user's */
export function findOrder(
  database: PrismaClient,
  userId: string,
  id: string,
): Promise<OrderWithItems | null> {
  return database.order.findFirst({ where: { id, userId }, include: withItems });
}

/** A user's orders, the newest first, one more than the limit when there is a next page. */
export function findOrders(
  database: PrismaClient,
  { userId, limit, before }: { userId: string; limit: number; before?: string },
): Promise<OrderWithItems[]> {
  const where = before === undefined ? { userId } : { userId, id: { lt: before } };
  return database.order.findMany({ where, include: withItems, orderBy: { id: 'desc' }, take: limit + 1 });
}

/** Keeps the prices that the reservation told: what the customer pays does not change any more. */
export async function storePrices(database: PrismaClient, reservation: Reservation): Promise<void> {
  const { orderId, items, totalMinor } = reservation;
  const order = database.order.update({ where: { id: orderId }, data: { totalMinor } });
  const prices = items.map(({ productId, name, priceMinor }) =>
    database.orderItem.update({
      where: { orderId_productId: { orderId, productId } },
      data: { name, priceMinor },
    }),
  );
  await database.$transaction([order, ...prices]);
}

/** Ends an order. The first end stands: a late second worker changes nothing. */
export async function endOrder(
  database: PrismaClient,
  id: string,
  end: { status: 'confirmed' } | { status: 'cancelled'; cancelReason: string },
): Promise<void> {
  await database.order.updateMany({ where: { id, status: 'pending' }, data: end });
}

/** Takes over pending orders whose worker has not been heard of; no two replicas get the same one. @returns their ids */
export async function claimAbandonedOrders(
  database: PrismaClient,
  abandonedAfterS: number,
): Promise<string[]> {
  const rows = await database.$queryRaw<{ id: string }[]>`
    UPDATE orders SET claimed_at = now() WHERE id IN (
      SELECT id FROM orders
      WHERE status = 'pending' AND claimed_at < now() - make_interval(secs => ${abandonedAfterS})
      ORDER BY claimed_at LIMIT 20 FOR UPDATE SKIP LOCKED)
    RETURNING id`;
  return rows.map(({ id }) => id);
}
