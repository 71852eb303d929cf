import { expect, test } from 'vitest';
import { newOrder, post, startApp } from './helper.ts';

const keyOf = (number: number) => ({ 'idempotency-key': `k${number}` });

test('a customer has no more pending orders than the limit, however many are sent at once, and others are served', async () => {
  const { app, startReplica, peers, logIn } = await startApp({ MAX_OPEN_ORDERS: '3' });
  const replicas = [app, await startReplica()] as const;
  peers.break('POST /payments');
  const [ada, bob] = [await logIn(), await logIn()];
  const responses = await Promise.all(
    Array.from({ length: 12 }, (_, i) => post(replicas[i % 2 ? 1 : 0], { ...ada, ...keyOf(i) }, newOrder())),
  );
  const refused = responses.filter(({ statusCode }) => statusCode !== 202);
  expect(refused).toHaveLength(9);
  for (const { statusCode, headers, json } of refused)
    expect([statusCode, headers['retry-after'], json().type]).toEqual([
      429,
      '10',
      'urn:meshmart:problem:too-many-open-orders',
    ]);
  expect((await post(app, { ...bob, ...keyOf(0) }, newOrder())).statusCode).toBe(202);
  const key = await app.database.idempotencyKey.count();
  expect(key, 'a refused request leaves its key free').toBe(4);
});

test('pending orders of a customer hold no more units together than the limit', async () => {
  const { app, peers, logIn } = await startApp({ MAX_HELD_UNITS: '100' });
  peers.break('POST /payments');
  const ada = await logIn();
  expect((await post(app, { ...ada, ...keyOf(1) }, newOrder(10))).statusCode).toBe(202);
  expect((await post(app, { ...ada, ...keyOf(2) }, newOrder(91))).statusCode).toBe(429);
  const tooMany = { ...newOrder(), items: [newOrder(60), newOrder(41)].flatMap(({ items }) => items) };
  expect((await post(app, { ...ada, ...keyOf(3) }, tooMany)).json()).toMatchObject({
    type: 'urn:meshmart:problem:invalid-request',
    errors: [{ pointer: '/body/items', detail: 'must not be more than 100 units in all' }],
  });
});

test('a service that works on enough orders refuses more at once, and their keys stay free', async () => {
  const { app, peers, logIn } = await startApp({ MAX_SAGAS: '2' });
  const ada = await logIn();
  peers.meet('POST /payments', 'POST /payments/of-order/void-or-refund');
  const busy = [1, 2].map((n) => post(app, { ...ada, ...keyOf(n) }, newOrder()));
  const countPaying = () => peers.log.filter((call) => call === 'POST /payments').length;
  await expect.poll(countPaying, { timeout: 60_000 }).toBe(2);
  const refused = await post(app, { ...ada, ...keyOf(3) }, newOrder());
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '2']);
  expect((await app.inject({ url: '/orders', headers: ada })).json().items).toHaveLength(2);
  peers.part();
  for (const response of await Promise.all(busy)) expect(response.json().status).toBe('confirmed');
  expect((await post(app, { ...ada, ...keyOf(3) }, newOrder())).json().status).toBe('confirmed');
});
