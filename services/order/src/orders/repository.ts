import { type Claim, claimKey, completeKey, type KeyedRequest } from '@meshmart/service/idempotency';
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
  /** The total that the customer agreed to, in minor units, if the request said one. */
  agreedTotalMinor: number | null;
}

/** How much one customer may have under way at once, since stock that is held for one is out of stock for the others. */
export interface CustomerLimits {
  /** Pending orders. */
  orders: number;
  /** Units of all pending orders together. */
  units: number;
}

/**
 * Claims the key and stores the order in one statement, before anything is done for it. A request that takes the key over counts
 * as one more worker on the order.
 *
 * @throws `too-many-open-orders` when the customer would have more under way than the limits allow; the key is then free again
 */
export function beginOrder(
  database: PrismaClient,
  request: KeyedRequest,
  { id, userId, paymentToken, currency, items, agreedTotalMinor }: NewOrder,
  limits: CustomerLimits,
): Promise<Claim> {
  const units = items.reduce((sum, { quantity }) => sum + quantity, 0);
  return database.$transaction(async (tx) => {
    // Simultaneous orders of one customer take turns here, or each would not count the others.
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

export function storeFirstResponse<T>(
  database: PrismaClient,
  request: KeyedRequest,
  status: number,
  answer: T,
): Promise<T> {
  return completeKey(database, request, status, answer);
}

/** SQL condition on a key (alias `k`) whose order is still in progress. Such a key must be kept, or a retry would order again. */
export const keyOfUnfinishedOrder = Prisma.sql`
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

export interface OrderFilter {
  /** Whose orders; null for those of all customers. */
  userId: string | null;
  limit: number;
  /** The last order of the page before. */
  before?: string;
  status?: OrderWithItems['status'];
}

/** Orders, the newest first, one more than the limit when there is a next page. */
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

/** Finds the user's order that a key has placed, as long as the key is kept. @returns null when there is none */
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

/** Name and price of a product at the time of the reservation: the customer pays these. */
export interface ItemPrice {
  productId: string;
  name: string;
  priceMinor: number;
}

/** What a step may change of an order; what is left out stays. */
export interface StepUpdate {
  status?: 'confirmed' | 'cancelled';
  sagaStep?: StepName;
  cancelReason?: CancelReason;
  totalMinor?: number;
  paymentId?: string;
  prices?: ItemPrice[];
}

/** The response that every repetition of the request with this key gets. */
export interface KeyedResponse {
  request: KeyedRequest;
  status: number;
  body: unknown;
}

export interface RecordOptions {
  /** Stored in the same statement, unless the key has a response already. */
  response?: KeyedResponse | undefined;
  /** Does not wait until the record is on disk: a crash of the database, not of a service, may undo it. */
  mayBeLost?: boolean;
}

export interface RecordedOrder extends OrderWithItems {
  isResponseStored: boolean;
}

/**
 * Records how far an order's saga has come since it was read. Of two workers on one order only one can: the other's update finds
 * nothing, and it has to read the order again. So has one whose order another worker has taken over.
 *
 * @returns the order as it is now, or null when another worker was faster
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

/** A column for a statement whose transaction, its own, is to be committed without a wait for the disk. */
const withoutFlush = Prisma.sql`, set_config('synchronous_commit', 'off', true)`;

function unchangedSinceRead({ id, sagaStep, cancelReason, attempts }: OrderWithItems): Prisma.Sql {
  return Prisma.sql`id = ${id}::uuid AND orders.status = 'pending' AND attempts = ${attempts}
    AND saga_step IS NOT DISTINCT FROM ${sagaStep} AND cancel_reason IS NOT DISTINCT FROM ${cancelReason}`;
}

/** Starts compensation for a customer's cancellation. Accepts confirmed and running orders; a second call has no effect. */
export async function cancelOrder(database: PrismaClient, id: string): Promise<void> {
  await startCompensation(database, 'customer', Prisma.sql`id = ${id}::uuid AND status <> 'cancelled'`);
}

/** So often a worker has tried before an order expires: time without a worker does not count. */
const MIN_ATTEMPTS = 5;

/**
 * Starts compensation for orders that could not be paid in time, for instance because a peer refuses them for good: at most 100,
 * so that no statement takes long. From an authorised payment on an order only goes forward.
 *
 * @param minAttempts how often a worker must have taken an order over before
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

/** Longer than all deadlines of one run, so that a living worker keeps its order. */
export const ABANDONED_AFTER_S = 20;
/** A peer that failed may be well again. */
const AGAIN_AFTER_S = 5;

/**
 * Releases the claim of a worker that could not go on with an order: nobody has to wait as long for it as for one that may still
 * be alive. An order that another worker has claimed or moved since it was read is that one's.
 */
export async function releaseClaim(database: PrismaClient, order: OrderWithItems): Promise<void> {
  const earlierS = ABANDONED_AFTER_S - AGAIN_AFTER_S;
  await database.$executeRaw`
    UPDATE orders SET claimed_at = now() - make_interval(secs => ${earlierS})
    WHERE ${unchangedSinceRead(order)} AND claimed_at = ${order.claimedAt}::timestamptz`;
}

/** Takes over the pending order that was left alone the longest; no two replicas get the same one. @returns its id, or null */
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
