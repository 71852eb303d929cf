import { type Claim, claimKey, type KeyedRequest } from '@meshmart/service/idempotency';
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import type { CancelReason } from './schemas.ts';

const withItems = { items: { orderBy: { productId: 'asc' } } } as const;
export type OrderWithItems = Prisma.OrderGetPayload<{ include: typeof withItems }>;

export interface NewOrder {
  id: string;
  userId: string;
  paymentToken: string;
  currency: string;
  items: { productId: string; quantity: number }[];
  /** The total that the customer agreed to, in minor units; null if the request did not state one. */
  agreedTotalMinor: number | null;
}

/** Limits for one customer's pending orders, because they hold stock that nobody else can buy. */
interface CustomerLimits {
  /** Pending orders. */
  orders: number;
  /** Units of all pending orders together. */
  units: number;
}

/**
 * Claims the key and stores the order in one statement. A request that takes over the key counts as one more attempt at
 * the order.
 *
 * @throws `too-many-open-orders` if the customer would exceed the limits; the key stays free
 */
export function beginOrder(
  database: PrismaClient,
  request: KeyedRequest,
  { id, userId, paymentToken, currency, items, agreedTotalMinor }: NewOrder,
  limits: CustomerLimits,
): Promise<Claim> {
  const units = items.reduce((sum, { quantity }) => sum + quantity, 0);
  return database.$transaction(async (tx) => {
    // Simultaneous orders of one customer take turns, so that each counts the others.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${userId}, 0))`;
    const claim = await claimKey(
      tx,
      request,
      id,
      Prisma.sql`begun AS (
        INSERT INTO orders (id, user_id, payment_token, currency, agreed_total_minor)
        SELECT ${id}::uuid, ${userId}::uuid, ${paymentToken}, ${currency}, ${agreedTotalMinor}::int FROM new_key
        WHERE (SELECT count(*) FROM orders WHERE user_id = ${userId}::uuid AND status = 'pending') < ${limits.orders}
          AND (SELECT coalesce(sum(quantity), 0) FROM orders JOIN order_items ON order_id = id
               WHERE user_id = ${userId}::uuid AND status = 'pending') + ${units} <= ${limits.units}
        RETURNING id
      ), items AS (
        INSERT INTO order_items (order_id, product_id, quantity)
        SELECT begun.id, product_id, quantity FROM begun,
          unnest(${items.map(({ productId }) => productId)}::uuid[], ${items.map(({ quantity }) => quantity)}::int[])
            AS item (product_id, quantity)
      ), worked_on AS (
        UPDATE orders SET attempts = attempts + 1 FROM taken_over WHERE id = resource_id AND status = 'pending')`,
    );
    if (claim.state === 'claimed' && claim.isNew && !claim.hasBegun) throw problem('too-many-open-orders');
    return claim;
  });
}

/** SQL condition on a key (alias `k`): its order is in progress. These keys are kept, or a retry would order again. */
export const keyOfUnfinishedOrder = Prisma.sql`
  EXISTS (SELECT FROM orders WHERE id = k.resource_id AND status = 'pending')`;

/** Reads an order. @throws Prisma's P2025 if it does not exist */
export function getOrder(database: PrismaClient, id: string): Promise<OrderWithItems> {
  return database.order.findUniqueOrThrow({ where: { id }, include: withItems });
}

/** Finds a user's order. @returns null if there is no such order, or if it is another user's */
export function findOrder(
  database: PrismaClient,
  userId: string,
  id: string,
): Promise<OrderWithItems | null> {
  return database.order.findFirst({ where: { id, userId }, include: withItems });
}

interface OrderFilter {
  /** The customer; null for all customers. */
  userId: string | null;
  limit: number;
  /** The id of the last order on the previous page. */
  before?: string;
  status?: OrderWithItems['status'];
}

/** Finds orders, newest first. @returns one more than the limit if there is a next page */
export function findOrders(
  database: PrismaClient,
  { userId, limit, before, status }: OrderFilter,
): Promise<OrderWithItems[]> {
  const where = {
    ...(userId && { userId }),
    ...(before && { id: { lt: before } }),
    ...(status && { status }),
  };
  return database.order.findMany({ where, include: withItems, orderBy: { id: 'desc' }, take: limit + 1 });
}

/** Finds the user's order that was placed with a key, as long as the key is kept. @returns null if there is none */
export async function findOrderByKey(
  database: PrismaClient,
  userId: string,
  { scope, key }: Pick<KeyedRequest, 'scope' | 'key'>,
): Promise<OrderWithItems | null> {
  const known = await database.idempotencyKey.findUnique({ where: { scope_key: { scope, key } } });
  return known && findOrder(database, userId, known.resourceId);
}

/** The steps of the saga. A CHECK on `saga_step` lists them too. */
export type StepName = 'reserve-stock' | 'authorise-payment' | 'confirm-stock' | 'capture-payment';

/** Name and price of a product at the time of the reservation, which the customer pays. */
interface ItemPrice {
  productId: string;
  name: string;
  priceMinor: number;
}

/** The changes that a step makes to an order. */
export interface StepUpdate {
  status?: 'confirmed' | 'cancelled';
  sagaStep?: StepName;
  cancelReason?: CancelReason;
  totalMinor?: number;
  paymentId?: string;
  prices?: ItemPrice[];
}

/** The response to the request with this key and to its retries. */
export interface KeyedResponse {
  request: KeyedRequest;
  status: number;
  body: unknown;
}

interface RecordOptions {
  /** Stored in the same statement, unless the key has a response. */
  response?: KeyedResponse | undefined;
  /** Does not wait for the flush to disk: a crash of the database, but not of a service, may undo the record. */
  mayBeLost?: boolean;
}

export interface RecordedOrder extends OrderWithItems {
  isResponseStored: boolean;
}

/**
 * Records the progress of an order's saga since it was read. Only one of two workers on an order succeeds; the
 * other has to read the order again.
 *
 * @returns the order as it is now; null if another worker has recorded a step or taken the order over
 */
export async function recordStep(
  database: PrismaClient,
  order: OrderWithItems,
  update: StepUpdate,
  { response, mayBeLost = false }: RecordOptions = {},
): Promise<RecordedOrder | null> {
  const { prices = [], ...changed } = update;
  const [recorded] = await database.$queryRaw<Pick<RecordedOrder, 'claimedAt' | 'isResponseStored'>[]>`
    WITH recorded AS (
      UPDATE orders SET claimed_at = now(),
        status = coalesce(${update.status}::order_status, status),
        saga_step = coalesce(${update.sagaStep}::text, saga_step),
        cancel_reason = coalesce(${update.cancelReason}::text, cancel_reason),
        total_minor = coalesce(${update.totalMinor}::int, total_minor),
        payment_id = coalesce(${update.paymentId}::uuid, payment_id)
      WHERE ${unchangedSinceRead(order)} RETURNING id, claimed_at)
    ${prices.length > 0 ? storePrices(prices) : Prisma.empty}
    ${response ? storeResponse(response) : Prisma.empty}
    SELECT claimed_at AS "claimedAt", ${response ? responseStored : Prisma.sql`false`} AS "isResponseStored"
      ${mayBeLost ? withoutFlush : Prisma.empty}
    FROM recorded`;
  if (!recorded) return null;
  const items = order.items.map((item) => ({
    ...item,
    ...prices.find(({ productId }) => productId === item.productId),
  }));
  return { ...order, ...changed, ...recorded, items };
}

function storePrices(prices: ItemPrice[]): Prisma.Sql {
  const column = <T extends keyof ItemPrice>(name: T) => prices.map((price) => price[name]);
  return Prisma.sql`, priced AS (
    UPDATE order_items AS item SET name = price.name, price_minor = price.price_minor
    FROM recorded, unnest(${column('productId')}::uuid[], ${column('name')}::text[], ${column('priceMinor')}::int[])
      AS price (product_id, name, price_minor)
    WHERE item.order_id = recorded.id AND item.product_id = price.product_id)`;
}

function storeResponse({ request: { scope, key }, status, body }: KeyedResponse): Prisma.Sql {
  return Prisma.sql`, responded AS (
    UPDATE idempotency_keys SET status = ${status}, body = ${JSON.stringify(body)}::jsonb
    FROM recorded WHERE scope = ${scope} AND key = ${key} AND idempotency_keys.status IS NULL
    RETURNING key)`;
}

const responseStored = Prisma.sql`EXISTS (SELECT FROM responded)`;

/** A column that makes the statement's transaction commit without a flush to disk. */
const withoutFlush = Prisma.sql`, set_config('synchronous_commit', 'off', true)`;

function unchangedSinceRead({ id, sagaStep, cancelReason, attempts }: OrderWithItems): Prisma.Sql {
  return Prisma.sql`id = ${id}::uuid AND orders.status = 'pending' AND attempts = ${attempts}
    AND saga_step IS NOT DISTINCT FROM ${sagaStep} AND cancel_reason IS NOT DISTINCT FROM ${cancelReason}`;
}

/** Starts compensation for a customer's cancellation of a pending or confirmed order; a second call has no effect. */
export async function cancelOrder(database: PrismaClient, id: string): Promise<void> {
  await startCompensation(database, 'customer', Prisma.sql`id = ${id}::uuid AND status <> 'cancelled'`);
}

/** Attempts before an order may expire, so that time without a worker does not count. */
const MIN_ATTEMPTS = 5;

/**
 * Starts compensation for orders without an authorised payment after `afterS` seconds: at most 100, so that the
 * statement is short.
 *
 * @param minAttempts number of workers that must have taken an order over before
 */
export async function expireOrders(
  database: PrismaClient,
  afterS: number,
  minAttempts = MIN_ATTEMPTS,
): Promise<void> {
  const late = Prisma.sql`id IN (
    SELECT id FROM orders
    WHERE status = 'pending' AND cancel_reason IS NULL AND attempts >= ${minAttempts}
      AND (saga_step IS NULL OR saga_step = 'reserve-stock')
      AND created_at < now() - make_interval(secs => ${afterS})
    LIMIT 100 FOR UPDATE SKIP LOCKED)`;
  await startCompensation(database, 'expired', late);
}

async function startCompensation(
  database: PrismaClient,
  reason: CancelReason,
  which: Prisma.Sql,
): Promise<void> {
  await database.$executeRaw`
    UPDATE orders SET status = 'pending', cancel_reason = ${reason}
    WHERE cancel_reason IS NULL AND ${which}`;
}

/** Longer than all deadlines of one run, so that a running worker keeps its order. */
export const ABANDONED_AFTER_S = 20;
/** Pause after a failed peer call. */
const AGAIN_AFTER_S = 5;

/**
 * Releases the claim of a worker that gave up, so that the order is resumed after 5 s instead of 20 s. Has no effect if
 * another worker has claimed or updated the order since it was read.
 */
export async function releaseClaim(database: PrismaClient, order: OrderWithItems): Promise<void> {
  const earlierS = ABANDONED_AFTER_S - AGAIN_AFTER_S;
  await database.$executeRaw`
    UPDATE orders SET claimed_at = now() - make_interval(secs => ${earlierS})
    WHERE ${unchangedSinceRead(order)} AND claimed_at = ${order.claimedAt}::timestamptz`;
}

/** Claims the pending order that has been abandoned longest, for one replica only. @returns its id, or null */
export async function claimAbandonedOrder(
  database: PrismaClient,
  abandonedAfterS: number,
): Promise<string | null> {
  const [claimed] = await database.$queryRaw<{ id: string }[]>`
    UPDATE orders SET claimed_at = now(), attempts = attempts + 1 WHERE id = (
      SELECT id FROM orders
      WHERE status = 'pending' AND claimed_at < now() - make_interval(secs => ${abandonedAfterS})
      ORDER BY claimed_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id`;
  return claimed?.id ?? null;
}
