import { problemOf } from '@meshmart/service/test-problem';
import { afterEach, expect, test, vi } from 'vitest';
import { PRICE_MINOR } from './fake-peers.ts';
import { newOrder, startApp } from './helper.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('reserves, authorises, confirms and captures, in this order', async () => {
  const { peers, logIn, placeOrder } = await startApp();
  const order = newOrder();
  const response = await placeOrder(await logIn(), order);
  const { id, createdAt } = response.json();
  expect([response.statusCode, response.headers.location, response.json()]).toEqual([
    201,
    `/orders/${id}`,
    {
      id,
      status: 'confirmed',
      items: [{ ...order.items[0], name: 'Cup', priceMinor: PRICE_MINOR }],
      totalMinor: 2 * PRICE_MINOR,
      currency: 'EUR',
      createdAt,
    },
  ]);
  expect(peers.log).toEqual([
    'PUT /reservations/:id',
    'POST /payments',
    'POST /reservations/:id/confirm',
    'POST /payments/:id/capture',
  ]);
  expect(peers.charges).toEqual([{ key: `${id}:authorise`, amountMinor: 2 * PRICE_MINOR }]);
});

test('a declined payment cancels the order and releases its stock', async () => {
  const { peers, logIn, placeOrder } = await startApp();
  const response = await placeOrder(await logIn(), newOrder(1, 'tok_declined'));
  expect(response.json()).toMatchObject({ status: 'cancelled', cancelReason: 'payment-declined' });
  expect(peers.log).toEqual([
    'PUT /reservations/:id',
    'POST /payments',
    'POST /payments/of-order/void-or-refund',
    'POST /reservations/:id/release',
  ]);
  expect(peers.charges).toHaveLength(1);
});

test.each(['out-of-stock', 'unknown-product'])(
  '%s cancels the order before any money is asked for',
  async (problem) => {
    const { peers, logIn, placeOrder } = await startApp();
    peers.break('PUT /reservations/:id', 409, problem);
    const response = await placeOrder(await logIn());
    expect(response.json()).toMatchObject({ status: 'cancelled', cancelReason: problem });
    expect(peers.log).toEqual(['PUT /reservations/:id', 'POST /reservations/:id/release']);
  },
);

test('a late copy of a refused reservation holds no stock', async () => {
  const { peers, logIn, placeOrder, worker } = await startApp();
  peers.break('PUT /reservations/:id', 409, 'out-of-stock');
  const order = newOrder();
  const { id, status } = (await placeOrder(await logIn(), order)).json();
  peers.mend();
  await worker.peers.product.reserve(id, order.items).catch(() => {});
  expect([status, peers.held(id)]).toEqual(['cancelled', false]);
});

test('an order at another total than the agreed one is cancelled before any money is asked for', async () => {
  const { peers, logIn, placeOrder } = await startApp();
  const customer = await logIn();
  const order = { ...newOrder(), expectedTotalMinor: 2 * PRICE_MINOR };
  peers.priceAt(99_900);
  const response = await placeOrder(customer, order);
  expect(response.json()).toMatchObject({
    status: 'cancelled',
    cancelReason: 'price-changed',
    totalMinor: 2 * 99_900,
  });
  expect([peers.charges, peers.held(response.json().id)]).toEqual([[], false]);
  expect((await placeOrder(customer, order)).json()).toEqual(response.json());
});

test('an order at the agreed total is confirmed, and the database refuses another total', async () => {
  const { app, logIn, placeOrder } = await startApp();
  const response = await placeOrder(await logIn(), { ...newOrder(), expectedTotalMinor: 2 * PRICE_MINOR });
  const { id, status } = response.json();
  expect(status).toBe('confirmed');
  await expect(app.database.order.update({ where: { id }, data: { totalMinor: 1 } })).rejects.toThrow(
    'orders_agreed_check',
  );
});

test.each([
  ['free', 0],
  ['too dear for an integer of the database', 2_147_483_647],
])('an order that is %s is cancelled and holds no stock', async (_, priceMinor) => {
  const { peers, logIn, placeOrder } = await startApp();
  peers.priceAt(priceMinor);
  const response = await placeOrder(await logIn());
  expect(response.json()).toMatchObject({ status: 'cancelled', cancelReason: 'not-payable' });
  expect([peers.held(response.json().id), peers.charges]).toEqual([false, []]);
});

test('an order whose reservation expires before the confirmation is cancelled and holds no money', async () => {
  const { peers, logIn, placeOrder } = await startApp();
  peers.break('POST /reservations/:id/confirm', 409, 'reservation-conflict');
  const response = await placeOrder(await logIn());
  expect(response.json()).toMatchObject({ status: 'cancelled', cancelReason: 'expired' });
  expect(peers.log.slice(-2)).toEqual([
    'POST /payments/of-order/void-or-refund',
    'POST /reservations/:id/release',
  ]);
});

test.each([
  ['PUT /reservations/:id', 409, 'reservation-conflict'],
  ['PUT /reservations/:id', 409, undefined],
  ['PUT /reservations/:id', 422, undefined],
  ['POST /payments', 400, undefined],
])('%s with %i %s is no refusal: the order stays pending', async (call, status, problem) => {
  const { peers, logIn, placeOrder } = await startApp();
  peers.break(call, status, problem);
  const response = await placeOrder(await logIn());
  expect(response.json()).toMatchObject({ status: 'pending' });
  expect(response.json()).not.toHaveProperty('cancelReason');
});

test('fifty simultaneous requests with one key on two replicas place one order; each gets it or 409', async () => {
  const { app, startReplica, peers, logIn, placeOrder } = await startApp();
  const other = await startReplica();
  const customer = await logIn();
  const order = newOrder();
  const place = (replica = other) => placeOrder(customer, order, { replica });
  const responses = await Promise.all(Array.from({ length: 50 }, (_, i) => place(i % 2 ? other : app)));
  const created = responses.filter(({ statusCode }) => statusCode === 201).map((response) => response.json());
  const refused = responses.filter(({ statusCode }) => statusCode !== 201).map(({ json }) => json().type);
  expect(refused).toEqual(refused.map(() => 'urn:meshmart:problem:idempotency-key-in-use'));
  expect(new Set(created.map(({ id }) => id)).size).toBe(1);
  expect([await app.database.order.count(), peers.charges.length]).toEqual([1, 1]);

  const later = await place();
  expect([later.statusCode, later.json()]).toEqual([201, created[0]]);
});

test('the key is required, and bound to its body and its user', async () => {
  const { app, logIn, placeOrder } = await startApp();
  const [ada, bob] = [await logIn(), await logIn()];
  const order = newOrder();
  const without = await app.inject({ method: 'POST', url: '/orders', headers: ada, body: order });
  const first = await placeOrder(ada, order);
  const otherBody = await placeOrder(ada);
  const otherUser = await placeOrder(bob, order);
  expect([without, otherBody].map(problemOf)).toEqual([
    [400, 'idempotency-key-missing'],
    [422, 'idempotency-key-reused'],
  ]);
  expect(otherUser.statusCode).toBe(201);
  expect(otherUser.json().id).not.toBe(first.json().id);
});

test('the order of the members in a JSON object makes no difference to the key', async () => {
  const { app, logIn, placeOrder } = await startApp();
  const customer = await logIn();
  const { items, paymentToken } = newOrder();
  const first = await placeOrder(customer, { items, paymentToken });
  const again = await placeOrder(customer, {
    paymentToken,
    items: items.map(({ productId, quantity }) => ({ quantity, productId })),
  });
  expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
  expect(await app.database.order.count()).toBe(1);
});

test('a replica with a wrong clock stores the times of the database', async () => {
  const { app, logIn, placeOrder } = await startApp();
  const customer = await logIn();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_000_000 });
  expect((await placeOrder(customer)).json().status).toBe('confirmed');
  const times = await app.database.$queryRaw`
    SELECT created_at BETWEEN now() - interval '1 min' AND now() AS created,
      claimed_at BETWEEN now() - interval '1 min' AND now() AS claimed FROM orders`;
  expect(times).toEqual([{ created: true, claimed: true }]);
});

test('asks for a token before anything else', async () => {
  const { app } = await startApp();
  const responses = [
    await app.inject({ method: 'POST', url: '/orders', body: { nonsense: true } }),
    await app.inject('/orders'),
    await app.inject('/orders/x'),
  ];
  expect(responses.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401]);
});
