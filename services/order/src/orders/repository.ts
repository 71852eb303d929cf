import { type Claim, claimKey, completeKey, type KeyedRequest } from '@meshmart/service/idempotency';
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts';
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

/** Of the key `k`: while its order is on its way, a repetition must find it, not order again. */
export const isOrderUnfinished = Prisma.sql`
  EXISTS (SELECT FROM orders WHERE id = k.resource_id AND status = 'pending')`;

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

export type CancelReason =
  | 'out-of-stock'
  | 'unknown-product'
  | 'payment-declined'
  | 'not-payable'
  | 'customer'
  | 'expired';

/** What a step may change of an order; what is left out stays. */
export interface Move {
  status?: 'confirmed' | 'cancelled';
  step?: number;
  cancelReason?: CancelReason;
  totalMinor?: number;
  paymentId?: string;
}

/**
 * Moves an order's saga from where it was read to where it is now. Of two workers on one order only one can: the other's move
 * finds nothing, and it reads the order again.
 */
export async function moveOrder(database: PrismaClient, order: OrderWithItems, to: Move): Promise<void> {
  await database.$executeRaw`
    UPDATE orders SET claimed_at = now(),
      status = coalesce(${to.status}::order_status, status),
      step = coalesce(${to.step}::int, step),
      cancel_reason = coalesce(${to.cancelReason}::text, cancel_reason),
      total_minor = coalesce(${to.totalMinor}::int, total_minor),
      payment_id = coalesce(${to.paymentId}::uuid, payment_id)
    WHERE ${isWhereItWasRead(order)}`;
}

function isWhereItWasRead({ id, step, cancelReason }: OrderWithItems): Prisma.Sql {
  return Prisma.sql`id = ${id}::uuid AND status = 'pending'
    AND step = ${step} AND cancel_reason IS NOT DISTINCT FROM ${cancelReason}`;
}

/** Keeps the prices that the reservation told: what the customer pays does not change any more. */
export async function storePrices(database: PrismaClient, { orderId, items }: Reservation): Promise<void> {
  const prices = items.map(({ productId, name, priceMinor }) =>
    database.orderItem.update({
      where: { orderId_productId: { orderId, productId } },
      data: { name, priceMinor },
    }),
  );
  await database.$transaction(prices);
}

/** Turns an order round for its customer, whether its saga has ended confirmed or is still on its way; once. */
export async function cancelOrder(database: PrismaClient, id: string): Promise<void> {
  await turnRound(database, 'customer', Prisma.sql`id = ${id}::uuid AND status <> 'cancelled'`);
}

/** Turns round what could not be finished in time, for instance because a peer refuses it for good. */
export async function expireOrders(database: PrismaClient, afterS: number): Promise<void> {
  const isLate = Prisma.sql`status = 'pending' AND created_at < now() - make_interval(secs => ${afterS})`;
  await turnRound(database, 'expired', isLate);
}

/** The step that was to come next may have begun, so it is undone as well. */
async function turnRound(database: PrismaClient, reason: CancelReason, which: Prisma.Sql): Promise<void> {
  await database.$executeRaw`
    UPDATE orders SET status = 'pending', cancel_reason = ${reason}, step = least(step + 1, 4)
    WHERE cancel_reason IS NULL AND ${which}`;
}

/** Longer than all deadlines of one run, so that a living worker keeps its order. */
export const ABANDONED_AFTER_S = 20;
/** A peer that failed may be well again. */
const AGAIN_AFTER_S = 5;

/**
 * For a worker that could not go on with an order: nobody has to wait as long for it as for one that may still be alive. An order
 * that another worker has claimed or moved since it was read is that one's.
 */
export async function leaveOrder(database: PrismaClient, order: OrderWithItems): Promise<void> {
  const earlierS = ABANDONED_AFTER_S - AGAIN_AFTER_S;
  await database.$executeRaw`
    UPDATE orders SET claimed_at = now() - make_interval(secs => ${earlierS})
    WHERE ${isWhereItWasRead(order)} AND claimed_at = ${order.claimedAt}::timestamptz`;
}

/** Takes over the pending order that was left alone the longest; no two replicas get the same one. @returns its id, or null */
export async function claimAbandonedOrder(
  database: PrismaClient,
  abandonedAfterS: number,
): Promise<string | null> {
  const [claimed] = await database.$queryRaw<{ id: string }[]>`
    UPDATE orders SET claimed_at = now() WHERE id = (
      SELECT id FROM orders
      WHERE status = 'pending' AND claimed_at < now() - make_interval(secs => ${abandonedAfterS})
      ORDER BY claimed_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id`;
  return claimed?.id ?? null;
}
