import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import { problemOf } from '@meshmart/service/test-problem';
import { expect, test, vi } from 'vitest';
import { releaseExpired } from '../src/reservations/repository.ts';
import { startApp } from './helper.ts';

const CONFLICT = [409, 'reservation-conflict'];

async function reserve(app: App, productId: string, quantity = 1): Promise<string> {
  const orderId = newId();
  const response = await app.inject({
    method: 'PUT',
    url: `/reservations/${orderId}`,
    body: { items: [{ productId, quantity }] },
  });
  expect(response.json()).toMatchObject({ status: 'reserved' });
  return orderId;
}

const expire = (app: App, orderId: string) =>
  app.database.reservation.update({ where: { orderId }, data: { expiresAt: new Date(Date.now() - 1000) } });

const post = (app: App, orderId: string, what: string) =>
  app.inject({ method: 'POST', url: `/reservations/${orderId}/${what}` });

test('an expired reservation can be neither confirmed nor requested again, even before its release', async () => {
  const { app, addProduct, stockOf } = await startApp();
  const cup = await addProduct();
  const orderId = await reserve(app, cup.id, 4);
  await expire(app, orderId);

  const confirmed = await post(app, orderId, 'confirm');
  expect(problemOf(confirmed)).toEqual(CONFLICT);
  const body = { items: [{ productId: cup.id, quantity: 4 }] };
  const again = await app.inject({ method: 'PUT', url: `/reservations/${orderId}`, body });
  expect(problemOf(again)).toEqual(CONFLICT);

  expect(await stockOf(cup)).toBe(6);
  expect(await releaseExpired(app.database)).toEqual([orderId]);
  expect(await stockOf(cup)).toBe(10);
  expect((await post(app, orderId, 'release')).json().status).toBe('released');
  expect(await releaseExpired(app.database)).toEqual([]);
  expect(await stockOf(cup)).toBe(10);
});

test('a reservation that was confirmed in time never expires', async () => {
  const { app, addProduct, stockOf } = await startApp();
  const cup = await addProduct();
  const orderId = await reserve(app, cup.id, 4);
  await post(app, orderId, 'confirm');
  await expire(app, orderId);

  expect(await releaseExpired(app.database)).toEqual([]);
  expect((await post(app, orderId, 'confirm')).json().status).toBe('confirmed');
  expect(await stockOf(cup)).toBe(6);
});

test('several replicas that release at once return the stock once', async () => {
  const { app, startReplica, addProduct, stockOf } = await startApp();
  const cup = await addProduct({ stock: 30 });
  const orderIds = await Promise.all(Array.from({ length: 30 }, () => reserve(app, cup.id)));
  await Promise.all(orderIds.map((orderId) => expire(app, orderId)));

  const replicas = [app, await startReplica(), await startReplica()];
  const swept = await Promise.all([...replicas, ...replicas].map(({ database }) => releaseExpired(database)));
  expect(swept.flat().sort()).toEqual(orderIds.sort());
  expect(await stockOf(cup)).toBe(30);
});

test('a running service releases reservations after their configured lifetime', async () => {
  const { app, addProduct, stockOf } = await startApp({ RESERVATION_LIFETIME_S: '1' });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const cup = await addProduct();
  const orderId = await reserve(app, cup.id, 4);
  expect(await stockOf(cup)).toBe(6);

  await vi.waitFor(async () => expect(await stockOf(cup)).toBe(10), { timeout: 15_000 });
  expect((await app.inject(`/reservations/${orderId}`)).json().status).toBe('released');
});
