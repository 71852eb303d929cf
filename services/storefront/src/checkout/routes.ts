import type { App } from '@meshmart/service/app';
import { TEST_CARDS, type TestToken } from '@meshmart/service/test-cards';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  type Basket,
  changeLines,
  decodeLines,
  markShown,
  readBasket,
  settle,
  writeBasket,
} from '../basket/basket.ts';
import { priceBasket } from '../basket/price-basket.ts';
import type { Notice } from '../html/notice.ts';
import { sendPage } from '../html/send-page.ts';
import type { Order, OrderPeer } from '../peers/order.ts';
import type { ProductPeer } from '../peers/product.ts';
import { readSession } from '../session/session.ts';
import { renderCheckout } from './checkout-page.ts';
import { findOpenOrders } from './find-open-orders.ts';
import { FORM_GOOD_FOR_H, hoursSince, IdOfBasket } from './form-age.ts';
import { ORDERED_ALREADY, PRICE_CHANGED, REFUSALS, TOO_OLD } from './notices.ts';
import { placeOrder } from './place-order.ts';

/**
 * The form contains its lines and total, so that every submission is the same order, even if the basket has changed.
 */
const CheckoutForm = Type.Object({
  idempotencyKey: IdOfBasket,
  basket: Type.String({ maxLength: 4000 }),
  /** Forms send numbers as text. */
  expectedTotalMinor: Type.String({ pattern: '^[1-9][0-9]{0,9}$' }),
  paymentToken: Type.Enum(Object.keys(TEST_CARDS) as TestToken[]),
});

interface ShownForm {
  /** A form to show again as it was sent. Default: the basket's. */
  form?: Pick<Basket, 'id' | 'lines'>;
  notice?: Notice;
  paymentToken?: string;
}

const LOGIN = '/shop/login?next=/shop/checkout';
const config = { access: 'anonymous' as const };

/** Registers the checkout. Every submission of a form leads to the same order, even if its response was lost. */
export async function checkoutRoutes(app: App, peers: { products: ProductPeer; orders: OrderPeer }) {
  app.get('/checkout', { config, schema: { hide: true } }, async (request, reply) => {
    const accessToken = readSession(request);
    if (!accessToken) return reply.redirect(LOGIN, 303);
    const found = await findOpenOrders(peers.orders, accessToken, readBasket(request));
    const basket = found.reduce((rest, { id, order }) => settle(rest, id, order), readBasket(request));
    const ordered = found.find(({ order }) => order.status !== 'cancelled');
    if (basket.lines.length === 0 && ordered) {
      writeBasket(request, reply, basket);
      return reply.redirect(`/shop/orders/${ordered.order.id}`, 303);
    }
    // The order service must still keep the key when the form is sent.
    const isOld = hoursSince(basket.id) > FORM_GOOD_FOR_H / 2;
    const shown = isOld ? changeLines(basket, basket.lines) : basket;
    return showCheckout(request, reply, shown, ordered && { notice: ORDERED_ALREADY });
  });

  app.post('/checkout', { config, schema: { hide: true, body: CheckoutForm } }, async (request, reply) => {
    const accessToken = readSession(request);
    if (!accessToken) return reply.redirect(LOGIN, 303);
    const { idempotencyKey: id, paymentToken, expectedTotalMinor } = request.body;
    const lines = decodeLines(request.body.basket);
    if (lines.length === 0) return reply.redirect('/shop/basket', 303);
    const basket = readBasket(request);
    if (hoursSince(id) > FORM_GOOD_FOR_H) {
      const anew = changeLines(basket, basket.lines.length > 0 ? basket.lines : lines);
      return showCheckout(request, reply.code(410), anew, { notice: TOO_OLD });
    }

    const order = await placeOrder(peers.orders, {
      accessToken,
      idempotencyKey: id,
      order: { items: lines, paymentToken, expectedTotalMinor: Number(expectedTotalMinor) },
    });
    if (typeof order === 'string') {
      const { status, notice } = REFUSALS[order];
      return showCheckout(request, reply.code(status), basket, { form: { id, lines }, notice, paymentToken });
    }
    return showOrder(request, reply, { basket, id, order, paymentToken });
  });

  async function showOrder(
    request: FastifyRequest,
    reply: FastifyReply,
    { basket, id, order, paymentToken }: { basket: Basket; id: string; order: Order; paymentToken: string },
  ) {
    const rest = settle(basket, id, order);
    if (order.cancelReason === 'price-changed' && order.status === 'cancelled') {
      const notice = PRICE_CHANGED;
      return showCheckout(request, reply.code(409), rest, { notice, paymentToken });
    }
    writeBasket(request, reply, rest);
    return reply.redirect(`/shop/orders/${order.id}`, 303);
  }

  async function showCheckout(
    request: FastifyRequest,
    reply: FastifyReply,
    basket: Basket,
    { form = basket, notice, paymentToken }: ShownForm = {},
  ) {
    const priced = await priceBasket(form.lines, peers.products);
    // Show a form that may already be an order even if it is out of stock now: that order may hold the last unit.
    if (priced.lines.length === 0 || (!notice && !priced.isOrderable)) {
      return reply.redirect('/shop/basket', 303);
    }
    writeBasket(request, reply, markShown(basket, form.id));
    return sendPage(request, reply, {
      title: notice ? `${notice.title} – Checkout` : 'Checkout',
      section: 'basket',
      catalogueBy: priced.catalogueBy,
      main: renderCheckout({
        basket: priced,
        idempotencyKey: form.id,
        ...(paymentToken && { chosenToken: paymentToken }),
        ...(notice && { notice }),
      }),
    });
  }
}
