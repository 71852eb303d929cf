import { newId } from '@meshmart/service/ids';
import { TEST_CARDS } from '@meshmart/service/test-cards';
import type { LightMyRequestResponse } from 'fastify';
import { expect, test } from 'vitest';
import { order, skillet, startFakeOrder, startFakeProduct, teapot } from './fake-peers.ts';
import { basketCookie, postForm, readField, session, startShop } from './helper.ts';

const lines = [{ productId: skillet.id, quantity: 2 }];
const cookies = { ...session, ...basketCookie(lines) };
/** Reads the basket that a response has set. */
const readBasket = (response: LightMyRequestResponse) => {
  const cookie = response.cookies.find(({ name }) => name === 'meshmart_basket');
  return cookie?.value ? JSON.parse(cookie.value) : null;
};
const problemOf = (name: string, status: number) => ({
  status,
  body: { type: `urn:meshmart:problem:${name}`, title: '', status, instance: '/orders' },
});

async function openCheckout(...responses: { status: number; body: object }[]) {
  const [first = { status: 201, body: order }, ...rest] = responses;
  const fakes = {
    product: await startFakeProduct([skillet, teapot]),
    order: await startFakeOrder(first, ...rest),
  };
  const shop = await startShop(fakes);
  const page = await shop.inject({ url: '/shop/checkout', cookies });
  const form: Record<string, string> = {
    idempotencyKey: readField(page, 'idempotencyKey'),
    basket: readField(page, 'basket'),
    expectedTotalMinor: readField(page, 'expectedTotalMinor'),
    paymentToken: 'tok_approved',
  };
  return { shop, page, form, placed: fakes.order.placed };
}

test('redirects visitors without a login or with an empty basket', async () => {
  const shop = await startShop({});
  const stranger = await shop.inject({ url: '/shop/checkout', cookies: basketCookie(lines) });
  expect([stranger.statusCode, stranger.headers.location]).toEqual([303, '/shop/login?next=/shop/checkout']);
  const empty = await shop.inject({ url: '/shop/checkout', cookies: session });
  expect([empty.statusCode, empty.headers.location]).toEqual([303, '/shop/basket']);
});

test('offers every test card with its meaning, and the total', async () => {
  const { page } = await openCheckout();
  for (const [token, { meaning }] of Object.entries(TEST_CARDS)) {
    expect(page.body).toContain(`value="${token}"`);
    expect(page.body).toContain(meaning);
  }
  expect(page.body).toMatch(/value="tok_approved"[^>]* checked/);
  expect(page.body).toContain('Pay €85.80');
});

test('places the order in the visitor’s name, empties the basket and shows it', async () => {
  const { shop, form, placed } = await openCheckout();
  const response = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect([response.statusCode, response.headers.location]).toEqual([303, `/shop/orders/${order.id}`]);
  expect(response.headers['set-cookie']).toMatch(/^meshmart_basket=; .*Expires=Thu, 01 Jan 1970/);
  expect(placed).toEqual([
    {
      key: form.idempotencyKey,
      authorization: 'Bearer a.valid.token',
      body: { items: lines, paymentToken: 'tok_approved', expectedTotalMinor: 8580 },
    },
  ]);
});

test('sends the same key and order for a form that is sent twice, even with an empty basket', async () => {
  const { shop, form, placed } = await openCheckout();
  await shop.inject(postForm('/shop/checkout', form, cookies));
  const again = await shop.inject(postForm('/shop/checkout', form, session));
  expect(again.headers.location).toBe(`/shop/orders/${order.id}`);
  expect(placed).toHaveLength(2);
  expect(placed[1]).toEqual(placed[0]);
});

test('gives the same key to every form of the same basket, even after a lost response', async () => {
  const { shop, form, placed } = await openCheckout();
  await shop.inject(postForm('/shop/checkout', form, cookies)); // the response and its cookies never arrive
  const another = await shop.inject({ url: '/shop/checkout', cookies });
  expect(readField(another, 'idempotencyKey')).toBe(form.idempotencyKey);
  expect(another.headers['cache-control']).toBe('no-store');
  await shop.inject(postForm('/shop/checkout', form, cookies));
  expect(new Set(placed.map(({ key }) => key))).toEqual(new Set([form.idempotencyKey]));
});

test('gives another key after the basket changes or its order was shown', async () => {
  const { shop, form } = await openCheckout();
  const added = await shop.inject(
    postForm('/shop/basket/add', { productId: teapot.id, quantity: '1' }, cookies),
  );
  const changed = readBasket(added);
  expect(changed.id).not.toBe(form.idempotencyKey);
  expect(changed.lines).toEqual([...lines, { productId: teapot.id, quantity: 1 }]);
  const paid = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect(readBasket(paid)?.id).not.toBe(form.idempotencyKey);
});

test('removes the ordered items from the basket, once, and nothing else', async () => {
  const { shop, form } = await openCheckout();
  const opened = { id: newId(), lines: [...lines, { productId: teapot.id, quantity: 1 }] };
  const kept = { ...opened, open: [form.idempotencyKey] };
  const paid = await shop.inject(
    postForm('/shop/checkout', form, { ...session, meshmart_basket: JSON.stringify(kept) }),
  );
  const rest = readBasket(paid);
  expect(rest).toMatchObject({ lines: [{ productId: teapot.id, quantity: 1 }], open: [] });
  // The same form again, with a new basket of the same product.
  const next = { ...rest, lines };
  const again = await shop.inject(
    postForm('/shop/checkout', form, { ...session, meshmart_basket: JSON.stringify(next) }),
  );
  expect(readBasket(again)).toMatchObject({ lines });
});

test('finds an order whose response was lost before the basket changed, and removes its items', async () => {
  const { shop, form, placed } = await openCheckout();
  await shop.inject(postForm('/shop/checkout', form, cookies)); // the response and its cookies never arrive
  const kept = {
    id: newId(),
    lines: [...lines, { productId: teapot.id, quantity: 1 }],
    open: [form.idempotencyKey],
  };
  const page = await shop.inject({
    url: '/shop/checkout',
    cookies: { ...session, meshmart_basket: JSON.stringify(kept) },
  });
  expect(page.body).toContain('An earlier order was placed');
  expect(readBasket(page).lines).toEqual([{ productId: teapot.id, quantity: 1 }]);
  expect(placed).toHaveLength(1);
});

test('shows the new total after a price change, with a new key', async () => {
  const cancelled = { ...order, status: 'cancelled' as const, cancelReason: 'price-changed' as const };
  const { shop, form, placed } = await openCheckout({ status: 201, body: cancelled });
  const page = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect([page.statusCode, placed.length]).toEqual([409, 1]);
  expect(page.body).toContain('The price has changed');
  expect(readField(page, 'idempotencyKey')).not.toBe(form.idempotencyKey);
  expect(readBasket(page).lines).toEqual(lines);
});

test('refuses a form older than the keys, and places nothing', async () => {
  const { shop, form, placed } = await openCheckout();
  const madeAtMs = Date.now() - 21 * 3_600_000;
  const idempotencyKey = `${madeAtMs
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})/, '$1-')}-7000-8000-000000000000`;
  const page = await shop.inject(postForm('/shop/checkout', { ...form, idempotencyKey }, cookies));
  expect([page.statusCode, placed]).toEqual([410, []]);
  expect(page.body).toContain('look at your orders first');
  expect(readField(page, 'idempotencyKey')).not.toBe(idempotencyKey);
});

test('puts the lines of a cancelled order back into the basket', async () => {
  const cancelled = { ...order, status: 'cancelled' as const, cancelReason: 'payment-declined' as const };
  const shop = await startShop({ order: await startFakeOrder({ status: 201, body: cancelled }) });
  const url = `/shop/orders/${order.id}`;
  const page = await shop.inject({ url, cookies: session });
  expect(page.body).toContain('Put these back into the basket');
  for (const given of [session, cookies]) {
    const restored = { lines: readField(page, 'lines') };
    const response = await shop.inject(postForm('/shop/basket/restore', restored, given));
    expect([response.headers.location, readBasket(response).lines]).toEqual(['/shop/basket', lines]);
  }
});

test.each([
  ['payment-declined', 'The payment was declined.'],
  ['out-of-stock', 'There was not enough stock'],
] as const)(
  'keeps the basket when the order was cancelled for %s, and says why',
  async (cancelReason, text) => {
    const { shop, form } = await openCheckout({
      status: 201,
      body: { ...order, status: 'cancelled', cancelReason },
    });
    const response = await shop.inject(postForm('/shop/checkout', form, cookies));
    expect(readBasket(response)).toMatchObject({ lines, open: [] });
    expect(readBasket(response).id).not.toBe(form.idempotencyKey);
    const page = await shop.inject({ url: response.headers.location as string, cookies });
    expect(page.body).toContain('<title>The order was cancelled – Meshmart</title>');
    expect(page.body).toContain('role="alert"');
    expect(page.body).toContain(text);
  },
);

test('keeps the key when no response came, so that paying again cannot order twice', async () => {
  const { shop, form } = await openCheckout({ status: 503, body: {} });
  const page = await shop.inject(
    postForm('/shop/checkout', { ...form, paymentToken: 'tok_declined' }, cookies),
  );
  expect(page.statusCode).toBe(503);
  expect(page.body).toContain('This took too long');
  expect(readField(page, 'idempotencyKey')).toBe(form.idempotencyKey);
  expect(page.body).toMatch(/value="tok_declined"[^>]* checked/);
});

test('shows the order of the first request to the second one of a double click', async () => {
  const inUse = problemOf('idempotency-key-in-use', 409);
  const { shop, form, placed } = await openCheckout(inUse, inUse, { status: 201, body: order });
  const response = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect([response.statusCode, response.headers.location]).toEqual([303, `/shop/orders/${order.id}`]);
  expect(new Set(placed.map(({ key }) => key))).toEqual(new Set([form.idempotencyKey]));
});

test('keeps the key while the first request does not end', async () => {
  const { shop, form } = await openCheckout(problemOf('idempotency-key-in-use', 409));
  const page = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect(page.statusCode).toBe(409);
  expect(readField(page, 'idempotencyKey')).toBe(form.idempotencyKey);
});

test('finds the order of a basket that was paid with another card', async () => {
  const { shop, form } = await openCheckout(problemOf('idempotency-key-reused', 422));
  const response = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect([response.statusCode, response.headers.location]).toEqual([303, `/shop/orders/${order.id}`]);
});

test('explains a refusal because of pending orders, and keeps the key', async () => {
  const { shop, form } = await openCheckout(problemOf('too-many-open-orders', 429));
  const page = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect([page.statusCode, readField(page, 'idempotencyKey')]).toEqual([429, form.idempotencyKey]);
  expect(page.body).toContain('Nothing was charged.');
});

test('shows a form again without the products that another tab has added, and keeps those', async () => {
  const { shop, form } = await openCheckout({ status: 503, body: {} });
  const kept = { id: newId(), lines: [{ productId: teapot.id, quantity: 1 }], open: [form.idempotencyKey] };
  const page = await shop.inject(
    postForm('/shop/checkout', form, { ...session, meshmart_basket: JSON.stringify(kept) }),
  );
  expect(JSON.parse(readField(page, 'basket'))).toEqual(lines);
  expect(readBasket(page)).toEqual(kept);
});

test.each([
  { paymentToken: 'tok_free' },
  { idempotencyKey: 'mine' },
  { idempotencyKey: '8a0c4f0e-31c1-4c5f-9d5e-0c6b6f0a6f5d' },
  { expectedTotalMinor: '0' },
  { basket: 'x'.repeat(4001) },
])('refuses a form with %j', async (change) => {
  const { shop, form, placed } = await openCheckout();
  const response = await shop.inject(postForm('/shop/checkout', { ...form, ...change }, cookies));
  expect([response.statusCode, placed]).toEqual([400, []]);
});

test('shows an order without reserved stock, without names and prices', async () => {
  const body = {
    id: order.id,
    status: 'cancelled',
    cancelReason: 'out-of-stock',
    items: [{ productId: skillet.id, quantity: 2 }],
    currency: 'EUR',
    createdAt: order.createdAt,
  };
  const shop = await startShop({ order: await startFakeOrder({ status: 201, body }) });
  const page = await shop.inject({ url: `/shop/orders/${order.id}`, cookies: session });
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain(`<a href="/shop/products/${skillet.id}">Product</a>`);
  expect(page.body).not.toMatch(/undefined|NaN/);
});

test('cancels an order, and then shows no button', async () => {
  const shop = await startShop({ order: await startFakeOrder({ status: 201, body: order }) });
  const url = `/shop/orders/${order.id}`;
  const button = 'Cancel this order</button>';
  expect((await shop.inject({ url, cookies: session })).body).toContain(button);
  const response = await shop.inject(postForm(`${url}/cancel`, {}, session));
  expect([response.statusCode, response.headers.location]).toEqual([303, url]);
  const page = await shop.inject({ url, cookies: session });
  expect(page.body).toContain('You cancelled it. Your payment is refunded.');
  expect(page.body).not.toContain(button);
});

test('lists the orders', async () => {
  const shop = await startShop({ order: await startFakeOrder({ status: 201, body: order }) });
  const { body } = await shop.inject({ url: '/shop/orders', cookies: session });
  expect(body).toContain(`<a href="/shop/orders/${order.id}">`);
  expect(body).toContain('2 items: Harrow Cast-Iron Skillet');
  expect(body).toContain('Confirmed');
  expect(body).toContain('€85.80');
});
