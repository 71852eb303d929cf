import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import { Uuid } from '@meshmart/service/schemas';
import { TEST_CARDS, type TestToken } from '@meshmart/service/test-cards';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Basket, decodeBasket, readBasket, writeBasket } from '../basket/basket.ts';
import { priceBasket } from '../basket/price-basket.ts';
import type { Notice } from '../html/notice.ts';
import { sendPage } from '../html/send-page.ts';
import type { OrderPeer } from '../peers/order.ts';
import type { ProductPeer } from '../peers/product.ts';
import { readSession } from '../session/session.ts';
import { renderCheckout } from './checkout-page.ts';
import { placeOrder, type Refusal } from './place-order.ts';

/** The form carries what it showed, so that every submission of it is the same order, whatever the basket has become. */
const CheckoutForm = Type.Object({
  idempotencyKey: Uuid,
  basket: Type.String({ maxLength: 4000 }),
  paymentToken: Type.Enum(Object.keys(TEST_CARDS) as TestToken[]),
});

const LOGIN = '/shop/login?next=/shop/checkout';
const config = { access: 'anonymous' as const };

export async function checkoutRoutes(app: App, peers: { products: ProductPeer; orders: OrderPeer }) {
  app.get('/checkout', { config, schema: { hide: true } }, async (request, reply) => {
    if (!readSession(request)) return reply.redirect(LOGIN, 303);
    return showCheckout(request, reply, { basket: readBasket(request), idempotencyKey: newId() });
  });

  app.post('/checkout', { config, schema: { hide: true, body: CheckoutForm } }, async (request, reply) => {
    const accessToken = readSession(request);
    if (!accessToken) return reply.redirect(LOGIN, 303);
    const { idempotencyKey, paymentToken } = request.body;
    const items = decodeBasket(request.body.basket);
    if (items.length === 0) return reply.redirect('/shop/basket', 303);

    const checkout = { accessToken, idempotencyKey, order: { items, paymentToken } };
    const order = await placeOrder(peers.orders, checkout);
    if (typeof order === 'string') {
      const { status, notice, keepsKey } = REFUSALS[order];
      reply.code(status);
      const key = keepsKey ? idempotencyKey : newId();
      return showCheckout(request, reply, {
        basket: items,
        idempotencyKey: key,
        chosenToken: paymentToken,
        notice,
      });
    }
    if (order.status !== 'cancelled') writeBasket(request, reply, []);
    return reply.redirect(`/shop/orders/${order.id}`, 303);
  });

  async function showCheckout(
    request: FastifyRequest,
    reply: FastifyReply,
    { basket, ...form }: { basket: Basket; idempotencyKey: string; chosenToken?: string; notice?: Notice },
  ) {
    const priced = await priceBasket(basket, peers.products);
    // A form that may already be an order is shown again even if the last piece is gone by now: perhaps it is that order's.
    if (!form.notice && !priced.isOrderable) return reply.redirect('/shop/basket', 303);
    return sendPage(request, reply, {
      title: form.notice ? `${form.notice.title} – Checkout` : 'Checkout',
      section: 'basket',
      catalogueBy: priced.catalogueBy,
      main: renderCheckout({ basket: priced, ...form }),
    });
  }
}

/** When no answer came, nobody knows whether there is an order: the same key finds out. */
const REFUSALS: Record<Refusal, { status: number; notice: Notice; keepsKey: boolean }> = {
  unanswered: {
    status: 503,
    notice: {
      tone: 'bad',
      title: 'No answer came in time',
      text: 'Pay again: if the order has been placed already, you will see that one, and nothing is charged twice.',
    },
    keepsKey: true,
  },
  'in-progress': {
    status: 409,
    notice: {
      tone: 'warn',
      title: 'This order is still being placed',
      text: 'Pay again in a moment to see it; nothing is charged twice.',
    },
    keepsKey: true,
  },
  'key-reused': {
    status: 422,
    notice: {
      tone: 'warn',
      title: 'This form has been used already',
      text: 'Look into your orders first. Paying now places a new one.',
    },
    keepsKey: false,
  },
};
