import { expect, test } from 'vitest';
import { PRICE_MINOR } from './fake-peers.ts';
import { newOrder, post, startApp } from './helper.ts';

test('an order at another total than the customer agreed to is cancelled before any money is asked for', async () => {
  const { app, peers, logIn } = await startApp();
  const headers = { ...(await logIn()), 'idempotency-key': 'k' };
  const order = { ...newOrder(), expectedTotalMinor: 2 * PRICE_MINOR };
  peers.priceAt(99_900);
  const response = await post(app, headers, order);
  expect(response.json()).toMatchObject({
    status: 'cancelled',
    cancelReason: 'price-changed',
    totalMinor: 2 * 99_900,
  });
  expect([peers.charges, peers.held(response.json().id)]).toEqual([[], false]);
  expect((await post(app, headers, order)).json()).toEqual(response.json());
});

test('an order at the agreed total is confirmed', async () => {
  const { app, logIn } = await startApp();
  const order = { ...newOrder(), expectedTotalMinor: 2 * PRICE_MINOR };
  const response = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, order);
  expect(response.json()).toMatchObject({ status: 'confirmed', totalMinor: 2 * PRICE_MINOR });
});

test('the database confirms no order at another total than the agreed one', async () => {
  const { app, logIn } = await startApp();
  const order = { ...newOrder(), expectedTotalMinor: 2 * PRICE_MINOR };
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, order)).json();
  await expect(app.database.order.update({ where: { id }, data: { totalMinor: 1 } })).rejects.toThrow(
    'orders_agreed_check',
  );
});
