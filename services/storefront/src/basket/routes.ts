import type { App } from '@meshmart/service/app';
import { Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';
import { sendPage } from '../html/send-page.ts';
import type { ProductPeer } from '../peers/product.ts';
import {
  changeLines,
  decodeLines,
  findQuantity,
  MAX_LINES,
  readBasket,
  setQuantity,
  writeBasket,
} from './basket.ts';
import { renderBasket } from './basket-page.ts';
import { priceBasket } from './price-basket.ts';

const BasketQuery = Type.Object({ full: Type.Optional(Type.Literal('1')) });
/** Forms send numbers as text. */
const LineForm = Type.Object({ productId: Uuid, quantity: Type.String({ pattern: '^[0-9]{1,2}$' }) });
const RestoreForm = Type.Object({ lines: Type.String({ maxLength: 4000 }) });

const config = { access: 'anonymous' as const };

/** Registers the routes of the basket. They change only the visitor's cookie; nothing is reserved. */
export async function basketRoutes(app: App, { products }: { products: ProductPeer }) {
  app.get('/basket', { config, schema: { hide: true, querystring: BasketQuery } }, async (request, reply) => {
    const basket = await priceBasket(readBasket(request).lines, products);
    return sendPage(request, reply, {
      title: 'Basket',
      section: 'basket',
      catalogueBy: basket.catalogueBy,
      main: renderBasket(basket, request.query.full === '1'),
    });
  });

  app.post('/basket/add', { config, schema: { hide: true, body: LineForm } }, async (request, reply) => {
    const { productId, quantity } = request.body;
    const basket = readBasket(request);
    const before = findQuantity(basket, productId);
    if (before === 0 && basket.lines.length >= MAX_LINES) return reply.redirect('/shop/basket?full=1', 303);
    const lines = setQuantity(basket.lines, productId, before + Number(quantity));
    writeBasket(request, reply, changeLines(basket, lines));
    return reply.redirect(`/shop/products/${productId}?added=1`, 303);
  });

  app.post('/basket/change', { config, schema: { hide: true, body: LineForm } }, async (request, reply) => {
    const { productId, quantity } = request.body;
    const basket = readBasket(request);
    // A line that another tab has removed stays removed.
    if (findQuantity(basket, productId) > 0) {
      writeBasket(
        request,
        reply,
        changeLines(basket, setQuantity(basket.lines, productId, Number(quantity))),
      );
    }
    return reply.redirect('/shop/basket', 303);
  });

  app.post(
    '/basket/restore',
    { config, schema: { hide: true, body: RestoreForm } },
    async (request, reply) => {
      const basket = readBasket(request);
      // An order that was cancelled at once leaves its lines in the basket.
      const lines = decodeLines(request.body.lines).reduce(
        (rest, { productId, quantity }) =>
          setQuantity(rest, productId, Math.max(quantity, findQuantity({ lines: rest }, productId))),
        basket.lines,
      );
      if (lines.length > MAX_LINES) return reply.redirect('/shop/basket?full=1', 303);
      writeBasket(request, reply, changeLines(basket, lines));
      return reply.redirect('/shop/basket', 303);
    },
  );
}
