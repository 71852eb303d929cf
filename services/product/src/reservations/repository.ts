import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';

export interface ReservationItemRequest {
  productId: string;
  quantity: number;
}

interface ReservationItem extends ReservationItemRequest {
  name: string;
  /** The price at the time of the reservation. */
  priceMinor: number;
}

export interface Reservation {
  orderId: string;
  status: 'reserved' | 'confirmed' | 'released';
  expiresAt: Date;
  /** False if it was released or has expired. */
  isStanding: boolean;
  items: ReservationItem[];
}

interface NewReservation {
  orderId: string;
  items: ReservationItemRequest[];
  lifetimeS: number;
}

/**
 * Reserves all items or none, unless the order has a reservation already.
 *
 * @returns the new reservation or the earlier one, which may have other items or have been released
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

/**
 * An item, the stock before the reservation (null if the product is unknown), and its expiry (null if not reserved).
 */
type FoundItem = ReservationItem & { stock: number | null; expiresAt: Date | null };

/**
 * Reserves in one statement. Like every change of stock, it locks the reservation first and then the products by
 * ascending id, to avoid deadlocks. If the stock runs out before the lock, the table's CHECK rolls everything back.
 * Expiry follows the database's clock, since replicas differ.
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

/**
 * Finds an order's reservation. It has no items if it was released before it was requested.
 *
 * @returns null if there is none
 */
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
    if (row.productId === null) return []; // it was released before it was requested
    const { productId, name, quantity, priceMinor } = row;
    return [{ productId, name, quantity, priceMinor }];
  });
  return { orderId, status, expiresAt, isStanding, items };
}

/** Confirms a reservation. @returns false if it was released, has expired or does not exist */
export async function confirmReservation(database: PrismaClient, orderId: string): Promise<boolean> {
  // A single statement: expiry and release wait for the row lock and then see the status, and vice versa.
  const confirmed = await database.$executeRaw`
    UPDATE reservations SET status = 'confirmed' WHERE order_id = ${orderId}::uuid
    AND (status = 'confirmed' OR status = 'reserved' AND expires_at > now())`;
  return confirmed === 1;
}

/**
 * Returns a reservation's units to stock, once, even if it was confirmed. Without a reservation, stores it as released,
 * so that a request in flight reserves nothing.
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
 * Releases expired reservations. Replicas that do it at the same time get different ones.
 *
 * @returns the ids of their orders, at most 100
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
 * Returns units to stock. The caller must have changed these reservations to `released` in the same transaction, so
 * that it happens once. A separate statement, because one that waited for a new reservation does not see its items.
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
