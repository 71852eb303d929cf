import { expect, test } from 'vitest';
import { PRICE_MINOR } from './fake-peers.ts';
import { newOrder, startApp } from './helper.ts';

test('a cancelled order returns money and stock once, and stays cancelled', async () => {
  const { peers, logIn, placeOrder, cancelOrder } = await startApp();
  const customer = await logIn();
  const { id } = (await placeOrder(customer)).json();
  const cancel = () => cancelOrder(customer, id);
  const responses = await Promise.all([cancel(), cancel(), cancel()]);
  expect(responses.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  expect((await cancel()).json()).toMatchObject({ status: 'cancelled', cancelReason: 'customer' });
  expect(peers.refunds).toEqual([{ key: `${id}:refund`, amountMinor: 2 * PRICE_MINOR }]);
  expect(peers.held(id)).toBe(false);
  expect((await cancelOrder(await logIn(), id)).statusCode).toBe(404);
});

test('cancelling an order that was cancelled for another reason changes nothing', async () => {
  const { logIn, placeOrder, cancelOrder } = await startApp();
  const customer = await logIn();
  const order = (await placeOrder(customer, newOrder(1, 'tok_declined'))).json();
  const again = await cancelOrder(customer, order.id);
  expect([again.statusCode, again.json()]).toEqual([200, order]);
});

test("a proxy's 404 does not count as a released reservation", async () => {
  const { peers, logIn, placeOrder, cancelOrder } = await startApp();
  const customer = await logIn();
  const { id } = (await placeOrder(customer)).json();
  peers.break('POST /reservations/:id/release', 404);
  expect([(await cancelOrder(customer, id)).json().status, peers.held(id)]).toEqual(['pending', true]);
  peers.mend();
  expect([(await cancelOrder(customer, id)).json().status, peers.held(id)]).toEqual(['cancelled', false]);
});

test('an order that is cancelled days later returns the payment, and makes no second one', async () => {
  const { app, peers, logIn, placeOrder, cancelOrder, readOrder, work } = await startApp();
  const customer = await logIn();
  const { id } = (await placeOrder(customer)).json();
  peers.forgetKeys();
  await cancelOrder(customer, id);
  expect([peers.charges.length, peers.refunds.length]).toEqual([1, 1]);

  // The response to the refund was lost, and the next worker came days later.
  peers.forgetKeys();
  await app.database.order.update({ where: { id }, data: { status: 'pending' } });
  await work(id);
  expect((await readOrder(id)).status).toBe('cancelled');
  expect([peers.charges.length, peers.refunds.length]).toEqual([1, 1]);
});
