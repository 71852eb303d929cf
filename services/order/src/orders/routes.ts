import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '@meshmart/service/app';
import { decodeCursor, encodeCursor } from '@meshmart/service/cursor';
import { withoutCaller } from '@meshmart/service/deadline';
import { IdempotencyHeaders, readIdempotencyKey } from '@meshmart/service/idempotency';
import { newId } from '@meshmart/service/ids';
import { STORE_CURRENCY as currency, DEFAULT_LIMIT, Uuid } from '@meshmart/service/schemas';
import type { FastifyBaseLogger } from 'fastify';
import { type Static, Type } from 'typebox';
import { problem } from '../problems.ts';
import {
  beginOrder,
  type CancelReason,
  cancelOrder,
  findOrder,
  findOrders,
  getOrder,
  type OrderWithItems,
  storeAnswer,
} from './repository.ts';
import { type OrderPeers, runSaga } from './saga.ts';
import { OrderPage, OrderParams, OrderQuery, OrderRequest, OrderSchema } from './schemas.ts';

const config = { access: 'customer' as const };
/** How long the answer waits for the order's end. After that it says `pending`, and the work goes on. */
const ANSWER_WITHIN_MS = 5000;
/** What else there is to do for a response is done in this time, too; the shop waits for 6.5 s. */
export const ORDER_TIMEOUT_MS = 6000;

export async function orderRoutes(app: App, { peers }: { peers: OrderPeers }) {
  app.post(
    '/orders',
    {
      config,
      schema: {
        operationId: 'placeOrder',
        headers: IdempotencyHeaders,
        body: OrderRequest,
        response: { 201: OrderSchema },
      },
    },
    async (request, reply) => {
      const { items, paymentToken } = request.body;
      if (new Set(items.map(({ productId }) => productId)).size < items.length) {
        throw problem('invalid-request', {
          errors: [{ pointer: '/body/items', detail: 'must name a product once' }],
        });
      }
      const userId = request.user.id;
      const keyed = { scope: `${userId} POST /orders`, ...readIdempotencyKey(request) };
      const claim = await beginOrder(app.database, keyed, {
        id: newId(),
        userId,
        items,
        paymentToken,
        currency,
      });
      reply.code(201);
      if (claim.state === 'done') return claim.body as Static<typeof OrderSchema>;

      await workOn(claim.resourceId, request.log);
      return storeAnswer(app.database, keyed, present(await getOrder(app.database, claim.resourceId)));
    },
  );

  app.get(
    '/orders',
    { config, schema: { operationId: 'listOrders', querystring: OrderQuery, response: { 200: OrderPage } } },
    async ({ query: { limit = DEFAULT_LIMIT, cursor }, user }) => {
      const before = cursor ? decodeCursor(cursor, Type.Tuple([Uuid]))[0] : undefined;
      const found = await findOrders(app.database, { userId: user.id, limit, ...(before ? { before } : {}) });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return {
        items: items.map(present),
        nextCursor: last && found.length > limit ? encodeCursor([last.id]) : null,
      };
    },
  );

  app.get(
    '/orders/:orderId',
    { config, schema: { operationId: 'getOrder', params: OrderParams, response: { 200: OrderSchema } } },
    async ({ params, user }) => {
      const order = await findOrder(app.database, user.id, params.orderId);
      if (!order) throw problem('not-found');
      return present(order);
    },
  );

  app.post(
    '/orders/:orderId/cancel',
    { config, schema: { operationId: 'cancelOrder', params: OrderParams, response: { 200: OrderSchema } } },
    async ({ params, user, log }) => {
      const order = await findOrder(app.database, user.id, params.orderId);
      if (!order) throw problem('not-found');
      await cancelOrder(app.database, order.id);
      await workOn(order.id, log);
      return present(await getOrder(app.database, order.id));
    },
  );

  async function workOn(orderId: string, log: FastifyBaseLogger): Promise<void> {
    const working = withoutCaller(() => runSaga(app.database, peers, orderId)).catch((err) => {
      log.warn({ err, orderId }, 'the order stays pending and will be resumed');
    });
    await Promise.race([working, sleep(ANSWER_WITHIN_MS, undefined, { ref: false })]);
  }
}

function present(order: OrderWithItems): Static<typeof OrderSchema> {
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
