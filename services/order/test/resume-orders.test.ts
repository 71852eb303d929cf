import type { App } from '@meshmart/service/app';
import { expect, test, vi } from 'vitest';
import { claimAbandonedOrder, expireOrders, releaseClaim } from '../src/orders/repository.ts';
import { newOrder, startApp } from './helper.ts';

/** Makes all pending orders look as if their workers had died, and starts the background jobs. */
async function startResuming(app: App): Promise<void> {
  await app.database.$executeRaw`
    UPDATE orders SET claimed_at = now() - interval '21 s' WHERE status = 'pending'`;
  await app.listen({ host: '127.0.0.1', port: 0 });
}

test.each([
  'PUT /reservations/:id',
  'POST /payments',
  'POST /reservations/:id/confirm',
  'POST /payments/:id/capture',
])('an order that fails at %s stays pending, keeps its response, and is resumed', async (call) => {
  const { app, peers, logIn, placeOrder, readOrder } = await startApp();
  const customer = await logIn();
  const order = newOrder();
  peers.break(call);
  const first = await placeOrder(customer, order);
  const { id, status } = first.json();
  expect([first.statusCode, first.headers['retry-after'], status]).toEqual([202, '2', 'pending']);

  peers.mend();
  await startResuming(app);
  await expect.poll(async () => (await readOrder(id)).status, { timeout: 20_000 }).toBe('confirmed');
  expect(peers.charges).toHaveLength(1);
  expect((await placeOrder(customer, order)).json()).toEqual(first.json());
});

test('an order with a slow peer does not hold up the others', async () => {
  const { app, peers, abandonOrder } = await startApp();
  const calls = ['POST /payments', 'POST /reservations/:id/confirm'];
  for (const call of calls) await abandonOrder(call);
  peers.meet(...calls);
  await startResuming(app);
  const countConfirmed = () => app.database.order.count({ where: { status: 'confirmed' } });
  await expect.poll(countConfirmed, { timeout: 15_000 }).toBe(2);
});

test('orders expire while others are still being resumed', async () => {
  const { app, peers, abandonOrder, readOrder } = await startApp();
  const late = await abandonOrder('POST /payments');
  for (let i = 0; i < 24; i++) await abandonOrder('POST /payments');
  const countPayments = () => peers.log.filter((call) => call === 'POST /payments').length;
  const before = countPayments();
  peers.meet('POST /payments', 'nobody');
  await startResuming(app);
  await vi.waitUntil(() => countPayments() > before, { timeout: 20_000 });
  await app.database.$executeRaw`
    UPDATE orders SET attempts = 5, created_at = now() - interval '11 min' WHERE id = ${late}::uuid`;
  await expect.poll(async () => (await readOrder(late)).cancelReason, { timeout: 20_000 }).toBe('expired');
  expect(countPayments() - before, 'orders were still waiting to be resumed').toBeLessThan(24);
  peers.part();
});

test.each([
  ['PUT /reservations/:id', 'expired'],
  ['POST /payments', 'expired'],
  ['POST /reservations/:id/confirm', null],
  ['POST /payments/:id/capture', null],
])('an order that hangs at %s for too long ends with the reason %s', async (call, reason) => {
  const { app, peers, abandonOrder, readOrder, work } = await startApp();
  const id = await abandonOrder(call);
  await expireOrders(app.database, 3600, 0);
  await expireOrders(app.database, 0, 1); // no worker has taken it over yet
  expect((await readOrder(id)).cancelReason).toBeNull();
  await claimAbandonedOrder(app.database, 0);
  await expireOrders(app.database, 0, 1);
  await work(id);
  const order = await readOrder(id);
  expect([order.status, order.cancelReason]).toEqual([reason ? 'cancelled' : 'confirmed', reason]);
  expect(peers.held(id)).toBe(reason === null);
});

test('an order is free after 5 s if its worker gave up, and after 20 s otherwise', async () => {
  const { app, abandonOrder } = await startApp();
  const id = await abandonOrder('POST /payments');
  expect(await claimAbandonedOrder(app.database, 16)).toBeNull();
  expect(await claimAbandonedOrder(app.database, 14)).toBe(id);
  expect(await claimAbandonedOrder(app.database, 14)).toBeNull();
});

test('a worker that gives up does not release an order that was claimed or cancelled meanwhile', async () => {
  const { app, logIn, abandonOrder, cancelOrder, worker, peers } = await startApp();
  const customer = await logIn();
  const id = await abandonOrder('POST /payments', customer);
  const read = () => app.database.order.findUniqueOrThrow({ where: { id }, include: { items: true } });
  const asRead = await read();
  await claimAbandonedOrder(app.database, 0);
  await releaseClaim(worker.database, asRead);
  expect(await claimAbandonedOrder(app.database, 14)).toBeNull();

  const claimed = await read();
  await app.database.order.update({ where: { id }, data: { cancelReason: 'customer' } });
  await releaseClaim(worker.database, claimed);
  expect(await claimAbandonedOrder(app.database, 14)).toBeNull();
  await cancelOrder(customer, id);
  expect(peers.held(id)).toBe(false);
});

test('a request that takes over a key counts as one more worker on its order', async () => {
  const { app, peers, logIn, placeOrder, readOrder } = await startApp();
  const customer = await logIn();
  const order = newOrder();
  peers.break('PUT /reservations/:id');
  const { id } = (await placeOrder(customer, order)).json();
  await app.database
    .$executeRaw`UPDATE idempotency_keys SET status = NULL, body = NULL, claimed_at = now() - interval '11 s'`;
  expect((await placeOrder(customer, order)).json().id).toBe(id);
  expect((await readOrder(id)).attempts).toBe(1);
});
