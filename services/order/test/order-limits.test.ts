import { expect, test } from 'vitest';
import { newOrder, startApp } from './helper.ts';

const keyOf = (number: number) => ({ key: `k${number}` });

test('a customer cannot exceed the limit of pending orders, even at once, and others are served', async () => {
  const { app, startReplica, peers, logIn, placeOrder } = await startApp({ MAX_OPEN_ORDERS: '3' });
  const other = await startReplica();
  peers.break('POST /payments');
  const [ada, bob] = [await logIn(), await logIn()];
  const responses = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      placeOrder(ada, newOrder(), { ...keyOf(i), replica: i % 2 ? other : app }),
    ),
  );
  const refused = responses.filter(({ statusCode }) => statusCode !== 202);
  expect(refused).toHaveLength(9);
  for (const { statusCode, headers, json } of refused)
    expect([statusCode, headers['retry-after'], json().type]).toEqual([
      429,
      '10',
      'urn:meshmart:problem:too-many-open-orders',
    ]);
  expect((await placeOrder(bob, newOrder(), keyOf(0))).statusCode).toBe(202);
  const key = await app.database.idempotencyKey.count();
  expect(key, 'a refused request leaves its key free').toBe(4);
});

test('the pending orders of a customer cannot exceed the limit of units', async () => {
  const { peers, logIn, placeOrder } = await startApp({ MAX_HELD_UNITS: '100' });
  peers.break('POST /payments');
  const ada = await logIn();
  expect((await placeOrder(ada, newOrder(10), keyOf(1))).statusCode).toBe(202);
  expect((await placeOrder(ada, newOrder(91), keyOf(2))).statusCode).toBe(429);
  const tooMany = { ...newOrder(), items: [newOrder(60), newOrder(41)].flatMap(({ items }) => items) };
  expect((await placeOrder(ada, tooMany, keyOf(3))).json()).toMatchObject({
    type: 'urn:meshmart:problem:invalid-request',
    errors: [{ pointer: '/body/items', detail: 'must not be more than 100 units in all' }],
  });
});

test('a service at its limit of sagas refuses more orders, and their keys stay free', async () => {
  const { app, peers, logIn, placeOrder } = await startApp({ MAX_SAGAS: '2' });
  const ada = await logIn();
  peers.meet('POST /payments', 'POST /payments/of-order/void-or-refund');
  const busy = [1, 2].map((n) => placeOrder(ada, newOrder(), keyOf(n)));
  const countPaying = () => peers.log.filter((call) => call === 'POST /payments').length;
  await expect.poll(countPaying, { timeout: 60_000 }).toBe(2);
  const refused = await placeOrder(ada, newOrder(), keyOf(3));
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '2']);
  expect((await app.inject({ url: '/orders', headers: ada })).json().items).toHaveLength(2);
  peers.part();
  for (const response of await Promise.all(busy)) expect(response.json().status).toBe('confirmed');
  expect((await placeOrder(ada, newOrder(), keyOf(3))).json().status).toBe('confirmed');
});
