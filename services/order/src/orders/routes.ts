import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '@meshmart/service/app';
import { decodeCursor, encodeCursor } from '@meshmart/service/cursor';
import {
  completeKey,
  hash,
  IdempotencyHeaders,
  keyProblems,
  readIdempotencyKey,
} from '@meshmart/service/idempotency';
import { newId } from '@meshmart/service/ids';
import { STORE_CURRENCY as currency, DEFAULT_LIMIT, Uuid } from '@meshmart/service/schemas';
import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Config } from '../config.ts';
import { problem } from '../problems.ts';
import {
  beginOrder,
  cancelOrder,
  findOrder,
  findOrderByKey,
  findOrders,
  getOrder,
  type OrderWithItems,
} from './repository.ts';
import type { OrderPeers } from './saga.ts';
import {
  type CancelReason,
  OrderPage,
  OrderParams,
  OrderQuery,
  OrderRequest,
  OrderSchema,
} from './schemas.ts';
import { createSagas } from './start-sagas.ts';

const config = { access: 'customer' as const };
/** The longest wait of a response for the order's end. Then it is `pending`, and the saga goes on. */
const RESPOND_WITHIN_MS = 5000;
/** Time limit of a handler, including reading and storing. The shop waits for 6.5 s. */
export const ORDER_TIMEOUT_MS = 6000;

interface OrderOptions {
  peers: OrderPeers;
  config: Pick<Config, 'MAX_SAGAS' | 'MAX_OPEN_ORDERS' | 'MAX_HELD_UNITS'>;
}

/** Registers the routes for orders. A request that places one waits for the saga's end, for a limited time. */
export async function orderRoutes(app: App, { peers, config: { MAX_SAGAS, ...max } }: OrderOptions) {
  const limits = { orders: max.MAX_OPEN_ORDERS, units: max.MAX_HELD_UNITS };
  const sagas = createSagas({ database: app.sagaDatabase, peers });
  // Refuse before the token is verified and the key is claimed, so that a refusal is cheap and leaves the key free.
  app.addHook('onRequest', async ({ method }) => {
    if (method === 'POST' && sagas.count() >= MAX_SAGAS) {
      throw problem('unavailable', { detail: 'too many orders are in progress' });
    }
  });
  // Wait for running sagas before their clients close: an interrupted order is resumed only after 20 s.
  app.addHook('preClose', async () => void (await sagas.settled()));

  app.post(
    '/orders',
    {
      config: {
        ...config,
        problems: ['too-many-open-orders', ...keyProblems],
        responseHeaders: ['location', 'retry-after', 'idempotency-replayed'],
      },
      schema: {
        operationId: 'placeOrder',
        summary: 'Place an order',
        headers: IdempotencyHeaders,
        body: OrderRequest,
        response: { 201: OrderSchema, 202: OrderSchema },
      },
    },
    async (request, reply) => {
      const { items, paymentToken, expectedTotalMinor: agreedTotalMinor = null } = request.body;
      const refuseItems = (detail: string) =>
        problem('invalid-request', { errors: [{ pointer: '/body/items', detail }] });
      if (new Set(items.map(({ productId }) => productId)).size < items.length) {
        throw refuseItems('must name each product once');
      }
      if (items.reduce((sum, { quantity }) => sum + quantity, 0) > limits.units) {
        throw refuseItems(`must not be more than ${limits.units} units in all`);
      }
      const userId = request.user.id;
      const keyed = { scope: scopeOf(userId), ...readIdempotencyKey(request) };
      const order = { id: newId(), userId, items, paymentToken, currency, agreedTotalMinor };
      const claim = await beginOrder(app.database, keyed, order, limits);
      if (claim.state === 'done') {
        reply.header('idempotency-replayed', 'true');
        return respond(reply, claim.body as Static<typeof OrderSchema>);
      }

      const saga = sagas.start(claim.resourceId, request.log, (ended) => ({
        request: keyed,
        status: 201,
        body: toOrderResponse(ended),
      }));
      const ended = await withinResponseTime(saga);
      if (ended?.isResponseStored && claim.isNew) return respond(reply, toOrderResponse(ended.order));
      // The first of several requests that get here stores the response.
      const now = toOrderResponse(await getOrder(app.sagaDatabase, claim.resourceId));
      return respond(reply, await completeKey(app.sagaDatabase, keyed, statusOf(now), now));
    },
  );

  app.get(
    '/orders',
    {
      config: { ...config, problems: ['forbidden'] },
      schema: {
        operationId: 'listOrders',
        summary: 'List your orders, or those of all customers, newest first',
        querystring: OrderQuery,
        response: { 200: OrderPage },
      },
    },
    async ({ query: { limit = DEFAULT_LIMIT, cursor, status, idempotencyKey, scope }, user }) => {
      const isOfAll = scope === 'all';
      if (isOfAll && user.role !== 'admin') throw problem('forbidden');
      if (idempotencyKey) {
        const keyed = { scope: scopeOf(user.id), key: hash(idempotencyKey) };
        const order = await findOrderByKey(app.database, user.id, keyed);
        return { items: order ? [toOrderResponse(order)] : [], nextCursor: null };
      }
      const before = cursor && decodeCursor(cursor, Type.Tuple([Uuid]))[0];
      const userId = isOfAll ? null : user.id;
      const filter = { userId, limit, ...(before && { before }), ...(status && { status }) };
      const found = await findOrders(app.database, filter);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return {
        items: items.map((order) => ({
          ...toOrderResponse(order),
          ...(isOfAll && { userId: order.userId }),
        })),
        nextCursor: last && found.length > limit ? encodeCursor([last.id]) : null,
      };
    },
  );

  app.get(
    '/orders/:orderId',
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'getOrder',
        summary: 'Read one of your orders',
        params: OrderParams,
        response: { 200: OrderSchema },
      },
    },
    async ({ params, user }) => {
      const order = await findOrder(app.database, user.id, params.orderId);
      if (!order) throw problem('not-found');
      return toOrderResponse(order);
    },
  );

  app.post(
    '/orders/:orderId/cancel',
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'cancelOrder',
        summary: 'Cancel one of your orders',
        description:
          'The response is also 200 if the order is already cancelled; `cancelReason` says why. While compensation runs, `status` is `pending`.',
        params: OrderParams,
        response: { 200: OrderSchema },
      },
    },
    async ({ params, user, log }) => {
      const order = await findOrder(app.database, user.id, params.orderId);
      if (!order) throw problem('not-found');
      await cancelOrder(app.database, order.id);
      await withinResponseTime(sagas.start(order.id, log));
      return toOrderResponse(await getOrder(app.database, order.id));
    },
  );
}

function scopeOf(userId: string): string {
  return `${userId} POST /orders`;
}

/** Waits for a saga's end. @returns null after 5 s */
function withinResponseTime<T>(saga: Promise<T>): Promise<T | null> {
  return Promise.race([saga, sleep(RESPOND_WITHIN_MS, null, { ref: false })]);
}

/** Sets status and headers: 202 for a pending order, whose outcome the client reads later at its Location. */
function respond(reply: FastifyReply, order: Static<typeof OrderSchema>) {
  reply.code(statusOf(order)).header('location', `/orders/${order.id}`);
  if (order.status === 'pending') reply.header('retry-after', 2);
  return order;
}

function statusOf({ status }: Static<typeof OrderSchema>): 201 | 202 {
  return status === 'pending' ? 202 : 201;
}

function toOrderResponse(order: OrderWithItems): Static<typeof OrderSchema> {
  const { id, status, cancelReason, totalMinor, currency, createdAt, items } = order;
  return {
    id,
    status,
    ...(cancelReason ? { cancelReason: cancelReason as CancelReason } : {}),
    items: items.map(({ productId, quantity, name, priceMinor }) => ({
      productId,
      quantity,
      ...(name === null ? {} : { name }),
      ...(priceMinor === null ? {} : { priceMinor }),
    })),
    ...(totalMinor === null ? {} : { totalMinor }),
    currency,
    createdAt: createdAt.toISOString(),
  };
}
