import { newId } from '@meshmart/service/ids';
import { expect, test } from 'vitest';
import { MAX_LINES } from '../src/basket/basket.ts';
import { skillet, startFakeProduct, teapot } from './fake-peers.ts';
import { basketCookie, postForm, startShop } from './helper.ts';

const BASKET = /^meshmart_basket=(?<value>[^;]*); Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/;

function readLinesOf(setCookie: string | string[] | undefined): unknown {
  const { value } = BASKET.exec(String(setCookie))?.groups ?? {};
  return value === undefined ? setCookie : JSON.parse(decodeURIComponent(value)).lines;
}

test('adds a product repeatedly, up to the maximum of an order', async () => {
  const shop = await startShop({});
  const form = { productId: skillet.id, quantity: '3' };
  const first = await shop.inject(postForm('/shop/basket/add', form));
  expect([first.statusCode, first.headers.location]).toEqual([303, `/shop/products/${skillet.id}?added=1`]);
  expect(readLinesOf(first.headers['set-cookie'])).toEqual([{ productId: skillet.id, quantity: 3 }]);

  const full = basketCookie([{ productId: skillet.id, quantity: 19 }]);
  const second = await shop.inject(postForm('/shop/basket/add', form, full));
  expect(readLinesOf(second.headers['set-cookie'])).toEqual([{ productId: skillet.id, quantity: 20 }]);
});

test('limits different products to what fits into a cookie', async () => {
  const shop = await startShop({ product: await startFakeProduct([]) });
  const lines = Array.from({ length: MAX_LINES }, () => ({ productId: newId(), quantity: 20 }));
  const response = await shop.inject(
    postForm('/shop/basket/add', { productId: skillet.id, quantity: '1' }, basketCookie(lines)),
  );
  expect([response.headers.location, response.headers['set-cookie']]).toEqual([
    '/shop/basket?full=1',
    undefined,
  ]);

  const last = await shop.inject(
    postForm('/shop/basket/add', { productId: skillet.id, quantity: '20' }, basketCookie(lines.slice(1))),
  );
  expect(String(last.headers['set-cookie']).length).toBeLessThan(4096);
});

test('changes a quantity, and removes a line with 0', async () => {
  const shop = await startShop({});
  const cookie = basketCookie([
    { productId: skillet.id, quantity: 1 },
    { productId: teapot.id, quantity: 2 },
  ]);
  const changed = await shop.inject(
    postForm('/shop/basket/change', { productId: teapot.id, quantity: '1' }, cookie),
  );
  expect(readLinesOf(changed.headers['set-cookie'])).toEqual([
    { productId: skillet.id, quantity: 1 },
    { productId: teapot.id, quantity: 1 },
  ]);
  const removed = await shop.inject(
    postForm('/shop/basket/change', { productId: teapot.id, quantity: '0' }, cookie),
  );
  expect(readLinesOf(removed.headers['set-cookie'])).toEqual([{ productId: skillet.id, quantity: 1 }]);
  expect(removed.headers.location).toBe('/shop/basket');
});

test('shows lines, their sum and unavailable products', async () => {
  const product = await startFakeProduct([skillet, teapot]);
  const shop = await startShop({ product });
  const good = await shop.inject({
    url: '/shop/basket',
    cookies: basketCookie([
      { productId: skillet.id, quantity: 2 },
      { productId: teapot.id, quantity: 1 },
    ]),
  });
  expect(good.body).toContain('Total, 3 items');
  expect(good.body).toContain('€137.80');
  expect(good.body).toContain('href="/shop/checkout"');
  expect(product.queries).toEqual([{ ids: `${skillet.id},${teapot.id}`, limit: '2' }]); // one call for all lines

  const bad = await shop.inject({
    url: '/shop/basket',
    cookies: basketCookie([
      { productId: teapot.id, quantity: 3 },
      { productId: newId(), quantity: 1 },
    ]),
  });
  expect(bad.body).toContain('Only 2 left');
  expect(bad.body).toContain('no longer sold');
  expect(bad.body).not.toContain('href="/shop/checkout"');
});

test.each([
  ['no JSON', '{{'],
  ['another shape', '{"a":1}'],
  ['no id', '[{"productId":"../users","quantity":1}]'],
  ['a quantity of 0', `[{"productId":"${skillet.id}","quantity":0}]`],
  ['a quantity of 21', `[{"productId":"${skillet.id}","quantity":21}]`],
  ['a quantity that is no integer', `[{"productId":"${skillet.id}","quantity":1.5}]`],
  ['a field too many', `[{"productId":"${skillet.id}","quantity":1,"priceMinor":1}]`],
  ['a product twice', JSON.stringify(Array(2).fill({ productId: skillet.id, quantity: 1 }))],
  ['too many lines', JSON.stringify(Array.from({ length: 21 }, () => ({ productId: newId(), quantity: 1 })))],
])('treats a basket with %s as empty', async (_what, meshmart_basket) => {
  const shop = await startShop({});
  const { statusCode, body } = await shop.inject({ url: '/shop/basket', cookies: { meshmart_basket } });
  expect(statusCode).toBe(200);
  expect(body).toContain('There is nothing in it yet.');
});

test.each(['-1', '100', '1.5', 'many', ''])('refuses the quantity %j', async (quantity) => {
  const shop = await startShop({});
  const response = await shop.inject(postForm('/shop/basket/add', { productId: skillet.id, quantity }));
  expect([response.statusCode, response.headers['set-cookie']]).toEqual([400, undefined]);
});
