import type { App } from '@meshmart/service/app';
import { deleteExpiredKeys } from '@meshmart/service/expire-idempotency-keys';
import { hash } from '@meshmart/service/idempotency';
import { expect, test, vi } from 'vitest';
import { getOrder, keyOfUnfinishedOrder } from '../src/orders/repository.ts';
import { runSaga } from '../src/orders/saga.ts';
import { clientsOf, newOrder, post, startApp } from './helper.ts';

function ageKeys(app: App, hours: number) {
  return app.database
    .$executeRaw`UPDATE idempotency_keys SET claimed_at = now() - make_interval(hours => ${hours})`;
}

async function readKeys(app: App): Promise<string[]> {
  const keys = await app.database.idempotencyKey.findMany({ orderBy: { key: 'asc' } });
  return keys.map(({ key }) => key);
}

test('a key is forgotten in the background after 24 h, not before, across a restart', async () => {
  const { app, startReplica, logIn } = await startApp();
  const headers = await logIn();
  const order = newOrder();
  const old = (await post(app, { ...headers, 'idempotency-key': 'old' }, order)).json();
  await ageKeys(app, 25);
  const young = (await post(app, { ...headers, 'idempotency-key': 'young' }, order)).json();
  await app.database.$executeRaw`
    UPDATE idempotency_keys SET claimed_at = now() - interval '23 h 59 min' WHERE key = ${hash('young')}`;
  await app.close();

  const restarted = await startReplica();
  await restarted.listen({ host: '127.0.0.1', port: 0 });
  await vi.waitUntil(async () => (await readKeys(restarted)).length < 2, { timeout: 30_000 });
  expect(await readKeys(restarted)).toEqual([hash('young')]);
  const again = await post(restarted, { ...headers, 'idempotency-key': 'young' }, order);
  expect(again.json()).toEqual(young);
  const anew = await post(restarted, { ...headers, 'idempotency-key': 'old' }, order);
  expect([anew.statusCode, anew.json().id === old.id]).toEqual([201, false]);
});

test('the key of an order that is on its way is kept, however old, whether it was answered or not', async () => {
  const { app, peers, logIn } = await startApp();
  const headers = await logIn();
  const order = newOrder();
  peers.break('POST /payments/:id/capture');
  const answered = (await post(app, { ...headers, 'idempotency-key': 'answered' }, order)).json();
  const died = (await post(app, { ...headers, 'idempotency-key': 'died' }, order)).json();
  await app.database.idempotencyKey.updateMany({ where: { key: hash('died') }, data: { status: null } });
  await ageKeys(app, 1000);
  expect(await deleteExpiredKeys(app.database, keyOfUnfinishedOrder)).toBe(0);
  expect((await post(app, { ...headers, 'idempotency-key': 'died' }, order)).json().id).toBe(died.id);

  peers.mend();
  await Promise.all([answered, died].map(({ id }) => runSaga(app.database, clientsOf(peers), id)));
  await ageKeys(app, 1000);
  expect(await deleteExpiredKeys(app.database, keyOfUnfinishedOrder)).toBe(2);
});

test('replicas share the work in batches of a hundred, and leave out a key that is being taken over', async () => {
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

test('an order that is cancelled days later gives back the payment that was made, and makes no other one', async () => {
  const { app, peers, logIn } = await startApp();
  const headers = await logIn();
  const { id } = (await post(app, { ...headers, 'idempotency-key': 'k' }, newOrder())).json();
  peers.forgetKeys();
  await app.inject({ method: 'POST', url: `/orders/${id}/cancel`, headers });
  expect([peers.charges.length, peers.refunds.length]).toEqual([1, 1]);

  // The answer to the refund was lost, and it took days until somebody went on from there.
  peers.forgetKeys();
  await app.database.order.update({ where: { id }, data: { status: 'pending', step: 2 } });
  await runSaga(app.database, clientsOf(peers), id);
  expect((await getOrder(app.database, id)).status).toBe('cancelled');
  expect([peers.charges.length, peers.refunds.length]).toEqual([1, 1]);
});
