import type { App } from '@meshmart/service/app';
import { Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';
import { sendPage } from '../html/send-page.ts';
import type { OrderPeer } from '../peers/order.ts';
import { readSession } from '../session/session.ts';
import { renderOrder, renderOrders } from './order-pages.ts';
import { describeOutcome } from './order-status.ts';

const OrdersQuery = Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 500 })) });
const OrderParams = Type.Object({ orderId: Uuid });

const config = { access: 'anonymous' as const };

/** Registers the pages of a visitor's orders. Without a session, they redirect to the login. */
export async function orderRoutes(app: App, { orders }: { orders: OrderPeer }) {
  app.get('/orders', { config, schema: { hide: true, querystring: OrdersQuery } }, async (request, reply) => {
    const accessToken = readSession(request);
    if (!accessToken) return reply.redirect('/shop/login?next=/shop/orders', 303);
    const page = await orders.listOrders(accessToken, request.query.cursor);
    return sendPage(request, reply, { title: 'Orders', section: 'orders', main: renderOrders(page) });
  });

  app.get(
    '/orders/:orderId',
    { config, schema: { hide: true, params: OrderParams } },
    async (request, reply) => {
      const { orderId } = request.params;
      const accessToken = readSession(request);
      if (!accessToken) return reply.redirect(`/shop/login?next=/shop/orders/${orderId}`, 303);
      const order = await orders.readOrder(accessToken, orderId);
      return sendPage(request, reply, {
        title: describeOutcome(order).title,
        section: 'orders',
        main: renderOrder(order),
      });
    },
  );

  app.post(
    '/orders/:orderId/cancel',
    { config, schema: { hide: true, params: OrderParams } },
    async (request, reply) => {
      const { orderId } = request.params;
      const accessToken = readSession(request);
      if (!accessToken) return reply.redirect(`/shop/login?next=/shop/orders/${orderId}`, 303);
      await orders.cancelOrder(accessToken, orderId);
      return reply.redirect(`/shop/orders/${orderId}`, 303);
    },
  );
}
