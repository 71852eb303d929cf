import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';

export interface ReservationItemRequest {
  productId: string;
  quantity: number;
}

export interface ReservationItem extends ReservationItemRequest {
  name: string;
  /** The price at the time of the reservation. */
  priceMinor: number;
}

export interface Reservation {
  orderId: string;
  status: 'reserved' | 'confirmed' | 'released';
  expiresAt: Date;
  /** False when it was released or has expired. */
  isStanding: boolean;
  items: ReservationItem[];
}

export interface NewReservation {
  orderId: string;
  items: ReservationItemRequest[];
  lifetimeS: number;
}

/**
 * Reserves all items or none, unless the order has a reservation already.
 *
 * @returns the order's reservation: the new one, or an earlier one, which may have other items or have been released
 * @throws `out-of-stock` or `unknown-product`
 */
export async function putReservation(
  database: PrismaClient,
  reservation: NewReservation,
): Promise<Reservation> {
  const { orderId } = reservation;
  const rows = await reserve(database, reservation);
  const expiresAt = rows[0]?.expiresAt;
  if (expiresAt) {
    const items = rows.map(({ expiresAt: _, stock: __, ...item }) => item);
    return { orderId, status: 'reserved', expiresAt, isStanding: true, items };
  }
  const earlier = await findReservation(database, orderId);
  if (earlier) return earlier;
  const short = rows.find(({ stock, quantity }) => stock === null || stock < quantity);
  throw problem(short?.stock === null ? 'unknown-product' : 'out-of-stock', {
    detail: `product ${short?.productId}`,
  });
}

/** An item, the stock before the reservation (null for an unknown product), and null for `expiresAt` if nothing was reserved. */
type FoundItem = ReservationItem & { stock: number | null; expiresAt: Date | null };

/**
 * Reserves in one statement. Like every change of stock it locks the reservation first and then the products by ascending id, so
 * that two of them wait for each other instead of ending in a deadlock. If stock runs out between the first look and the lock,
 * the table's CHECK undoes everything. Only the database's clock decides about expiry, since each replica has its own.
 */
async function reserve(database: PrismaClient, { orderId, items, lifetimeS }: NewReservation) {
  const productIds = items.map(({ productId }) => productId);
  const quantities = items.map(({ quantity }) => quantity);
  const rows = database.$queryRaw<FoundItem[]>`
    WITH wanted AS (
      SELECT item.id, quantity, name, stock
      FROM unnest(${productIds}::uuid[], ${quantities}::int[]) AS item (id, quantity)
        LEFT JOIN products ON products.id = item.id AND withdrawn_at IS NULL
    ), made AS (
      INSERT INTO reservations (order_id, expires_at)
      SELECT ${orderId}::uuid, now() + make_interval(secs => ${lifetimeS})
      WHERE NOT EXISTS (SELECT FROM wanted WHERE stock IS NULL OR stock < quantity)
      ON CONFLICT DO NOTHING RETURNING order_id, expires_at
    ), locked AS MATERIALIZED (
      SELECT id FROM products WHERE id = ANY (${productIds}::uuid[]) AND EXISTS (SELECT FROM made)
      ORDER BY id FOR NO KEY UPDATE
    ), taken AS (
      UPDATE products SET stock = products.stock - quantity FROM locked JOIN wanted USING (id)
      WHERE products.id = locked.id RETURNING products.id, price_minor
    ), noted AS (
      INSERT INTO reservation_items (order_id, product_id, quantity, price_minor)
      SELECT order_id, id, quantity, price_minor FROM made, wanted LEFT JOIN taken USING (id)
    )
    SELECT id AS "productId", name, quantity, price_minor AS "priceMinor", stock, expires_at AS "expiresAt"
    FROM wanted LEFT JOIN taken USING (id) LEFT JOIN made ON true ORDER BY id`;
  return await rows.catch((error) => {
    throw isCheckViolation(error) ? problem('out-of-stock', { cause: error }) : error;
  });
}

function isCheckViolation(error: { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } }) {
  return error.meta?.driverAdapterError?.cause?.originalCode === '23514';
}

export async function findReservation(database: PrismaClient, orderId: string): Promise<Reservation | null> {
  type Row = Omit<Reservation, 'orderId' | 'items'> & (ReservationItem | { productId: null });
  const rows = await database.$queryRaw<Row[]>`
    SELECT status, expires_at AS "expiresAt", product_id AS "productId", name, quantity,
      item.price_minor AS "priceMinor",
      status = 'confirmed' OR status = 'reserved' AND expires_at > now() AS "isStanding"
    FROM reservations LEFT JOIN reservation_items AS item USING (order_id) LEFT JOIN products ON id = product_id
    WHERE order_id = ${orderId}::uuid ORDER BY product_id`;
  const [first] = rows;
  if (!first) return null;
  const { status, expiresAt, isStanding } = first;
  const items = rows.flatMap((row) => {
    if (row.productId === null) return []; // it was released before it was made
    const { productId, name, quantity, priceMinor } = row;
    return [{ productId, name, quantity, priceMinor }];
  });
  return { orderId, status, expiresAt, isStanding, items };
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
    const released = await tx.$executeRaw`
      INSERT INTO reservations AS held (order_id, status) VALUES (${orderId}::uuid, 'released')
      ON CONFLICT (order_id) DO UPDATE SET status = 'released' WHERE held.status <> 'released'`;
    if (released === 1) await putBackToStock(tx, [orderId]);
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
    if (orderIds.length > 0) await putBackToStock(tx, orderIds);
    return orderIds;
  });
}

/**
 * Only for who has just taken these reservations to `released` in the same transaction, which is what makes it happen once. A
 * statement of its own, since the one that waited for a reservation to be made does not see its items yet.
 */
async function putBackToStock(tx: Prisma.TransactionClient, orderIds: string[]): Promise<void> {
  await tx.$executeRaw`
    WITH returned AS (
      SELECT product_id AS id, sum(quantity)::int AS quantity FROM reservation_items
      WHERE order_id = ANY (${orderIds}::uuid[]) GROUP BY product_id
    ), found AS MATERIALIZED (
      SELECT id FROM products WHERE id IN (SELECT id FROM returned) ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE products SET stock = stock + quantity FROM returned JOIN found USING (id) WHERE products.id = found.id`;
}
