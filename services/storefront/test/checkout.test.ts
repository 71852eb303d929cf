import { TEST_CARDS } from '@meshmart/service/test-cards';
import { expect, test } from 'vitest';
import { order, skillet, startFakeOrder, startFakeProduct } from './fake-peers.ts';
import { basketCookie, postForm, readField, session, startShop } from './helper.ts';

const lines = [{ productId: skillet.id, quantity: 2 }];
const cookies = { ...session, ...basketCookie(lines) };

async function openCheckout(...answers: { status: number; body: object }[]) {
  const [first = { status: 201, body: order }, ...rest] = answers;
  const fakes = { product: await startFakeProduct([skillet]), order: await startFakeOrder(first, ...rest) };
  const shop = await startShop(fakes);
  const page = await shop.inject({ url: '/shop/checkout', cookies });
  const form = {
    idempotencyKey: readField(page, 'idempotencyKey'),
    basket: readField(page, 'basket'),
    paymentToken: 'tok_approved',
  };
  return { shop, page, form, placed: fakes.order.placed };
}

test('sends strangers and empty baskets elsewhere', async () => {
  const shop = await startShop({});
  const stranger = await shop.inject({ url: '/shop/checkout', cookies: basketCookie(lines) });
  expect([stranger.statusCode, stranger.headers.location]).toEqual([303, '/shop/login?next=/shop/checkout']);
  const empty = await shop.inject({ url: '/shop/checkout', cookies: session });
  expect([empty.statusCode, empty.headers.location]).toEqual([303, '/shop/basket']);
});

test('offers every test card, with what it does, and the total', async () => {
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
  const answer = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect([answer.statusCode, answer.headers.location]).toEqual([303, `/shop/orders/${order.id}`]);
  expect(answer.headers['set-cookie']).toMatch(/^meshmart_basket=; .*Expires=Thu, 01 Jan 1970/);
  expect(placed).toEqual([
    {
      key: form.idempotencyKey,
      authorization: 'Bearer a.valid.token',
      body: { items: lines, paymentToken: 'tok_approved' },
    },
  ]);
});

test('sends the same key and the same order when a form is sent twice, also after the basket was emptied', async () => {
  const { shop, form, placed } = await openCheckout();
  await shop.inject(postForm('/shop/checkout', form, cookies));
  const again = await shop.inject(postForm('/shop/checkout', form, session));
  expect(again.headers.location).toBe(`/shop/orders/${order.id}`);
  expect(placed).toHaveLength(2);
  expect(placed[1]).toEqual(placed[0]);
});

test('gives every form that is shown a key of its own', async () => {
  const { shop, form } = await openCheckout();
  const another = await shop.inject({ url: '/shop/checkout', cookies });
  expect(readField(another, 'idempotencyKey')).not.toBe(form.idempotencyKey);
  expect(another.headers['cache-control']).toBe('no-store');
});

test.each([
  ['payment-declined', 'The payment was declined.'],
  ['out-of-stock', 'it is out of stock'],
] as const)(
  'keeps the basket when the order was cancelled for %s, and says why',
  async (cancelReason, text) => {
    const { shop, form } = await openCheckout({
      status: 201,
      body: { ...order, status: 'cancelled', cancelReason },
    });
    const answer = await shop.inject(postForm('/shop/checkout', form, cookies));
    expect(answer.headers['set-cookie']).toBeUndefined();
    const page = await shop.inject({ url: answer.headers.location as string, cookies });
    expect(page.body).toContain('<title>The order was cancelled – Meshmart</title>');
    expect(page.body).toContain('role="alert"');
    expect(page.body).toContain(text);
  },
);

test('keeps the key when no answer came, so that paying again cannot order twice', async () => {
  const { shop, form } = await openCheckout({ status: 503, body: {} });
  const page = await shop.inject(
    postForm('/shop/checkout', { ...form, paymentToken: 'tok_declined' }, cookies),
  );
  expect(page.statusCode).toBe(503);
  expect(page.body).toContain('No answer came in time');
  expect(readField(page, 'idempotencyKey')).toBe(form.idempotencyKey);
  expect(page.body).toMatch(/value="tok_declined"[^>]* checked/);
});

test('shows the order of the first request to the second half of a double click', async () => {
  const inUse = { status: 409, body: {} };
  const { shop, form, placed } = await openCheckout(inUse, inUse, { status: 201, body: order });
  const answer = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect([answer.statusCode, answer.headers.location]).toEqual([303, `/shop/orders/${order.id}`]);
  expect(new Set(placed.map(({ key }) => key))).toEqual(new Set([form.idempotencyKey]));
});

test('keeps the key when the first request does not come to an end', async () => {
  const body = {
    type: 'urn:meshmart:problem:idempotency-key-in-use',
    title: '',
    status: 409,
    instance: '/orders',
  };
  const { shop, form } = await openCheckout({ status: 409, body });
  const page = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect(page.statusCode).toBe(409);
  expect(readField(page, 'idempotencyKey')).toBe(form.idempotencyKey);
});

test('gives a new key when the old one belongs to another order', async () => {
  const body = {
    type: 'urn:meshmart:problem:idempotency-key-reused',
    title: '',
    status: 422,
    instance: '/orders',
  };
  const { shop, form } = await openCheckout({ status: 422, body });
  const page = await shop.inject(postForm('/shop/checkout', form, cookies));
  expect(page.statusCode).toBe(422);
  expect(readField(page, 'idempotencyKey')).not.toBe(form.idempotencyKey);
});

test.each([{ paymentToken: 'tok_free' }, { idempotencyKey: 'mine' }, { basket: 'x'.repeat(4001) }])(
  'refuses a form with %j',
  async (change) => {
    const { shop, form, placed } = await openCheckout();
    const answer = await shop.inject(postForm('/shop/checkout', { ...form, ...change }, cookies));
    expect([answer.statusCode, placed]).toEqual([400, []]);
  },
);

test('shows an order that never got its stock without names and prices', async () => {
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
  expect(page.body).toContain(`<a href="/shop/products/${skillet.id}">What was to be reserved</a>`);
  expect(page.body).not.toMatch(/undefined|NaN/);
});

test('cancels an order, once: afterwards there is no button any more', async () => {
  const shop = await startShop({ order: await startFakeOrder({ status: 201, body: order }) });
  const url = `/shop/orders/${order.id}`;
  const button = 'Cancel this order</button>';
  expect((await shop.inject({ url, cookies: session })).body).toContain(button);
  const answer = await shop.inject(postForm(`${url}/cancel`, {}, session));
  expect([answer.statusCode, answer.headers.location]).toEqual([303, url]);
  const page = await shop.inject({ url, cookies: session });
  expect(page.body).toContain('You have cancelled it. What was paid is given back.');
  expect(page.body).not.toContain(button);
});

test('lists the orders', async () => {
  const shop = await startShop({ order: await startFakeOrder({ status: 201, body: order }) });
  const { body } = await shop.inject({ url: '/shop/orders', cookies: session });
  expect(body).toContain(`<a href="/shop/orders/${order.id}">`);
  expect(body).toContain('2 pieces: Harrow Cast-Iron Skillet');
  expect(body).toContain('Confirmed');
  expect(body).toContain('€85.80');
});
