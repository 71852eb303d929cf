import type { App } from '@meshmart/service/app';
import { deleteExpiredKeys } from '@meshmart/service/expire-idempotency-keys';
import { hash } from '@meshmart/service/idempotency';
import { expect, test, vi } from 'vitest';
import { keyOfUnfinishedOrder } from '../src/orders/repository.ts';
import { newOrder, startApp } from './helper.ts';

function ageKeys(app: App, hours: number) {
  return app.database
    .$executeRaw`UPDATE idempotency_keys SET claimed_at = now() - make_interval(hours => ${hours})`;
}

async function readKeys(app: App): Promise<string[]> {
  const keys = await app.database.idempotencyKey.findMany({ orderBy: { key: 'asc' } });
  return keys.map(({ key }) => key);
}

test('a key expires in the background after 24 h, not before, across a restart', async () => {
  const { app, startReplica, logIn, placeOrder } = await startApp();
  const customer = await logIn();
  const order = newOrder();
  const old = (await placeOrder(customer, order, { key: 'old' })).json();
  await ageKeys(app, 25);
  const young = (await placeOrder(customer, order, { key: 'young' })).json();
  await app.database.$executeRaw`
    UPDATE idempotency_keys SET claimed_at = now() - interval '23 h 59 min' WHERE key = ${hash('young')}`;
  await app.close();

  const replica = await startReplica();
  await replica.listen({ host: '127.0.0.1', port: 0 });
  await vi.waitUntil(async () => (await readKeys(replica)).length < 2, { timeout: 30_000 });
  expect(await readKeys(replica)).toEqual([hash('young')]);
  const again = await placeOrder(customer, order, { key: 'young', replica });
  expect(again.json()).toEqual(young);
  const anew = await placeOrder(customer, order, { key: 'old', replica });
  expect([anew.statusCode, anew.json().id === old.id]).toEqual([201, false]);
});

test('the key of an order in progress is kept, however old, with or without a response', async () => {
  const { app, peers, logIn, placeOrder, work } = await startApp();
  const customer = await logIn();
  const order = newOrder();
  peers.break('POST /payments/:id/capture');
  const responded = (await placeOrder(customer, order, { key: 'responded' })).json();
  const died = (await placeOrder(customer, order, { key: 'died' })).json();
  await app.database.idempotencyKey.updateMany({ where: { key: hash('died') }, data: { status: null } });
  await ageKeys(app, 1000);
  expect(await deleteExpiredKeys(app.database, keyOfUnfinishedOrder)).toBe(0);
  expect((await placeOrder(customer, order, { key: 'died' })).json().id).toBe(died.id);

  peers.mend();
  await Promise.all([responded, died].map(({ id }) => work(id)));
  await ageKeys(app, 1000);
  expect(await deleteExpiredKeys(app.database, keyOfUnfinishedOrder)).toBe(2);
});

test('replicas delete batches of a hundred, and leave out a key that is being taken over', async () => {
  const { app, startReplica } = await startApp();
  const replica = await startReplica();
  await app.database.$executeRaw`
    INSERT INTO idempotency_keys (scope, key, fingerprint, resource_id)
    SELECT 'scope', lpad(i::text, 3, '0'), '', gen_random_uuid() FROM generate_series(1, 250) AS i`;
  await ageKeys(app, 25);
  const batch = (of: App) => deleteExpiredKeys(of.database, keyOfUnfinishedOrder);
  await app.database.$transaction(async (tx) => {
    await tx.$executeRaw`UPDATE idempotency_keys SET claimed_at = now() WHERE key = '001'`;
    expect(await Promise.all([batch(replica), batch(replica)])).toEqual([100, 100]);
    expect([await batch(replica), await batch(replica)]).toEqual([49, 0]);
  });
  expect([await batch(app), await readKeys(app)]).toEqual([0, ['001']]);
});
