import type { App } from '@meshmart/service/app';
import { expect, test, vi } from 'vitest';
import {
  cancelOrder,
  claimAbandonedOrder,
  expireOrders,
  getOrder,
  recordStep,
  releaseClaim,
} from '../src/orders/repository.ts';
import { runSaga } from '../src/orders/saga.ts';
import { PRICE_MINOR } from './fake-peers.ts';
import { clientsOf, newOrder, post, startApp } from './helper.ts';

test('reserves, authorises, confirms and captures, in this order', async () => {
  const { app, peers, logIn } = await startApp();
  const order = newOrder();
  const response = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, order);
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
  const { app, peers, logIn } = await startApp();
  const response = await post(
    app,
    { ...(await logIn()), 'idempotency-key': 'k' },
    newOrder(1, 'tok_declined'),
  );
  expect(response.json()).toMatchObject({ status: 'cancelled', cancelReason: 'payment-declined' });
  expect(peers.log).toEqual([
    'PUT /reservations/:id',
    'POST /payments',
    'POST /payments/of-order/void-or-refund',
    'POST /reservations/:id/release',
  ]);
  expect(peers.charges).toHaveLength(1);
});

test('cancelling an order that was cancelled for another reason changes nothing, and says the reason', async () => {
  const { app, logIn } = await startApp();
  const headers = { ...(await logIn()), 'idempotency-key': 'k' };
  const order = (await post(app, headers, newOrder(1, 'tok_declined'))).json();
  const again = await app.inject({ method: 'POST', url: `/orders/${order.id}/cancel`, headers });
  expect([again.statusCode, again.json()]).toEqual([200, order]);
});

test.each(['out-of-stock', 'unknown-product'])(
  '%s cancels the order before any money is asked for',
  async (problem) => {
    const { app, peers, logIn } = await startApp();
    peers.break('PUT /reservations/:id', 409, problem);
    const response = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder());
    expect(response.json()).toMatchObject({ status: 'cancelled', cancelReason: problem });
    expect(peers.log).toEqual(['PUT /reservations/:id', 'POST /reservations/:id/release']);
  },
);

test('a reservation that comes late, after its order was refused, holds no goods', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('PUT /reservations/:id', 409, 'out-of-stock');
  const order = newOrder();
  const { id, status } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, order)).json();
  peers.mend();
  await clientsOf(peers)
    .product.reserve(id, order.items)
    .catch(() => {});
  expect([status, peers.held(id)]).toEqual(['cancelled', false]);
});

test.each([
  ['PUT /reservations/:id', 409, 'reservation-conflict'],
  ['PUT /reservations/:id', 409, undefined],
  ['PUT /reservations/:id', 422, undefined],
  ['POST /payments', 400, undefined],
])(
  'when %s is answered with %i %s, which refuses nothing, the order stays pending',
  async (call, status, problem) => {
    const { app, peers, logIn } = await startApp();
    peers.break(call, status, problem);
    const response = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder());
    expect(response.json()).toMatchObject({ status: 'pending' });
    expect(response.json()).not.toHaveProperty('cancelReason');
  },
);

test("a proxy's 404 is no word that the goods were given back", async () => {
  const { app, peers, logIn } = await startApp();
  const headers = await logIn();
  const { id } = (await post(app, { ...headers, 'idempotency-key': 'k' }, newOrder())).json();
  peers.break('POST /reservations/:id/release', 404);
  const cancel = () => app.inject({ method: 'POST', url: `/orders/${id}/cancel`, headers });
  expect([(await cancel()).json().status, peers.held(id)]).toEqual(['pending', true]);
  peers.mend();
  expect([(await cancel()).json().status, peers.held(id)]).toEqual(['cancelled', false]);
});

test('fifty simultaneous posts with one key on two replicas make one order; each gets it or 409', async () => {
  const { app, startReplica, peers, logIn } = await startApp();
  const replicas = [app, await startReplica()];
  const headers = { ...(await logIn()), 'idempotency-key': 'k' };
  const order = newOrder();
  const responses = await Promise.all(
    Array.from({ length: 50 }, (_, i) => post(replicas[i % 2] as App, headers, order)),
  );
  const created = responses.filter(({ statusCode }) => statusCode === 201);
  const refused = responses
    .filter(({ statusCode }) => statusCode !== 201)
    .map((response) => response.json().type);
  expect(refused).toEqual(refused.map(() => 'urn:meshmart:problem:idempotency-key-in-use'));
  expect(new Set(created.map((response) => response.json().id)).size).toBe(1);
  expect([await app.database.order.count(), peers.charges.length]).toEqual([1, 1]);

  const later = await post(replicas[1] as App, headers, order);
  expect([later.statusCode, later.json()]).toEqual([201, created[0]?.json()]);
});

test('the key is demanded, bound to its body and to its user', async () => {
  const { app, logIn } = await startApp();
  const [ada, bob] = [await logIn(), await logIn()];
  const order = newOrder();
  const without = await post(app, ada, order);
  const first = await post(app, { ...ada, 'idempotency-key': 'k' }, order);
  const otherBody = await post(app, { ...ada, 'idempotency-key': 'k' }, newOrder());
  const otherUser = await post(app, { ...bob, 'idempotency-key': 'k' }, order);
  expect([without, otherBody].map((response) => [response.statusCode, response.json().type])).toEqual([
    [400, 'urn:meshmart:problem:idempotency-key-missing'],
    [422, 'urn:meshmart:problem:idempotency-key-reused'],
  ]);
  expect(otherUser.statusCode).toBe(201);
  expect(otherUser.json().id).not.toBe(first.json().id);
});

test('the same order with the members of its objects in another order is the same request', async () => {
  const { app, logIn } = await startApp();
  const headers = { ...(await logIn()), 'idempotency-key': 'k' };
  const { items, paymentToken } = newOrder();
  const first = await post(app, headers, { items, paymentToken });
  const again = await post(app, headers, {
    paymentToken,
    items: items.map(({ productId, quantity }) => ({ quantity, productId })),
  });
  expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
  expect(await app.database.order.count()).toBe(1);
});

test.each([
  'PUT /reservations/:id',
  'POST /payments',
  'POST /reservations/:id/confirm',
  'POST /payments/:id/capture',
])(
  'when %s fails the order stays pending, keeps its answer, and ends confirmed once it is resumed',
  async (call) => {
    const { app, peers, logIn } = await startApp();
    peers.break(call);
    const headers = { ...(await logIn()), 'idempotency-key': 'k' };
    const order = newOrder();
    const first = await post(app, headers, order);
    expect([first.statusCode, first.headers['retry-after'], first.json().status]).toEqual([
      202,
      '2',
      'pending',
    ]);

    peers.mend();
    const id = await claimAbandonedOrder(app.database, 0);
    expect(id).toBe(first.json().id);
    expect(await claimAbandonedOrder(app.database, 60)).toBeNull();
    await runSaga(app.database, clientsOf(peers), String(id));
    expect((await app.inject({ url: `/orders/${id}`, headers })).json().status).toBe('confirmed');
    expect(peers.charges).toHaveLength(1);
    expect((await post(app, headers, order)).json()).toEqual(first.json());
  },
);

test('a running replica finds what another one has left behind', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('POST /payments');
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json();
  peers.mend();
  await app.database.order.update({ where: { id }, data: { claimedAt: new Date(Date.now() - 21_000) } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  await vi.waitUntil(async () => (await getOrder(app.database, id)).status === 'confirmed', {
    timeout: 20_000,
  });
});

test('a worker that could not go on leaves its order to the next in 5 s, one that may live keeps it for 20 s', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('POST /payments');
  const left = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder());
  expect(await claimAbandonedOrder(app.database, 16)).toBeNull();
  expect(await claimAbandonedOrder(app.database, 14)).toBe(left.json().id);
  expect(await claimAbandonedOrder(app.database, 14)).toBeNull();
});

test('a worker that could not go on leaves an order alone that another one has claimed, or moved, meanwhile', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('POST /payments');
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json();
  const asRead = await getOrder(app.database, id);
  await claimAbandonedOrder(app.database, 0);
  await releaseClaim(app.database, asRead);
  expect(await claimAbandonedOrder(app.database, 14)).toBeNull();

  const claimed = await getOrder(app.database, id);
  await cancelOrder(app.database, id);
  await releaseClaim(app.database, claimed);
  expect(await claimAbandonedOrder(app.database, 14)).toBeNull();
});

test('what went wrong is told, not that the order could not be left after it', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('POST /payments');
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json();
  const failing = new Proxy(app.database, {
    get: (database, name) =>
      name === '$executeRaw' ? () => Promise.reject(new Error('no database')) : Reflect.get(database, name),
  });
  await expect(runSaga(failing, clientsOf(peers), id)).rejects.toMatchObject({
    type: 'urn:meshmart:problem:unavailable',
  });
});

test('an order whose peer is slow does not hold up the others that were left behind', async () => {
  const { app, peers, logIn } = await startApp();
  const calls = ['POST /payments', 'POST /reservations/:id/confirm'];
  const ids: string[] = [];
  for (const call of calls) {
    peers.break(call);
    ids.push((await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json().id);
    peers.mend();
  }
  const claimedAt = new Date(Date.now() - 21_000);
  await app.database.order.updateMany({ where: { id: { in: ids } }, data: { claimedAt } });
  peers.meet(...calls);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const isConfirmed = async (id: string) => (await getOrder(app.database, id)).status === 'confirmed';
  await vi.waitUntil(async () => (await Promise.all(ids.map(isConfirmed))).every(Boolean), {
    timeout: 15_000,
  });
});

test.each([
  ['free', 0],
  ['dearer than an integer of the database', 2_147_483_647],
])('an order whose total is %s is cancelled, and holds no goods', async (_, priceMinor) => {
  const { app, peers, logIn } = await startApp();
  peers.priceAt(priceMinor);
  const response = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder());
  expect(response.json()).toMatchObject({ status: 'cancelled', cancelReason: 'not-payable' });
  expect([peers.held(response.json().id), peers.charges]).toEqual([false, []]);
});

test('a cancelled order gives the money and the goods back, once, and stays cancelled', async () => {
  const { app, peers, logIn } = await startApp();
  const headers = await logIn();
  const { id } = (await post(app, { ...headers, 'idempotency-key': 'k' }, newOrder())).json();
  const cancel = () => app.inject({ method: 'POST', url: `/orders/${id}/cancel`, headers });
  const responses = await Promise.all([cancel(), cancel(), cancel()]);
  expect(responses.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  const last = await cancel();
  expect(last.json()).toMatchObject({ status: 'cancelled', cancelReason: 'customer' });
  expect(peers.refunds).toEqual([{ key: `${id}:refund`, amountMinor: 2 * PRICE_MINOR }]);
  expect(peers.held(id)).toBe(false);

  const bob = await logIn();
  const foreign = await app.inject({ method: 'POST', url: `/orders/${id}/cancel`, headers: bob });
  expect(foreign.statusCode).toBe(404);
});

test.each([
  ['PUT /reservations/:id', 'expired'],
  ['POST /payments', 'expired'],
  ['POST /reservations/:id/confirm', null],
  ['POST /payments/:id/capture', null],
])('an order that hangs at %s for too long ends with the reason %s', async (call, reason) => {
  const { app, peers, logIn } = await startApp();
  peers.break(call);
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json();
  await expireOrders(app.database, 3600, 0);
  await expireOrders(app.database, 0, 1); // no worker has taken it over yet
  expect((await getOrder(app.database, id)).cancelReason).toBeNull();
  await claimAbandonedOrder(app.database, 0);
  await expireOrders(app.database, 0, 1);
  peers.mend();
  await runSaga(app.database, clientsOf(peers), id);
  const order = await getOrder(app.database, id);
  expect([order.status, order.cancelReason]).toEqual([reason ? 'cancelled' : 'confirmed', reason]);
  expect(peers.held(id)).toBe(reason === null);
});

test('an order whose reservation has expired before it was confirmed is cancelled, and holds no money', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('POST /reservations/:id/confirm', 409, 'reservation-conflict');
  const response = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder());
  expect(response.json()).toMatchObject({ status: 'cancelled', cancelReason: 'expired' });
  expect(peers.log.slice(-2)).toEqual([
    'POST /payments/of-order/void-or-refund',
    'POST /reservations/:id/release',
  ]);
});

test('a worker that comes too late changes nothing', async () => {
  const { app, peers, logIn } = await startApp();
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json();
  await Promise.all([1, 2, 3].map(() => runSaga(app.database, clientsOf(peers), id)));
  expect(peers.log).toHaveLength(4);
});

test('a worker records nothing of an order that another one has taken over since it was read', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('POST /payments');
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json();
  const asRead = await getOrder(app.database, id);
  await claimAbandonedOrder(app.database, 0);
  expect(await recordStep(app.database, asRead, { sagaStep: 'authorise-payment' })).toBeNull();
  expect(await getOrder(app.database, id)).toMatchObject({ sagaStep: 'reserve-stock', attempts: 1 });
});

test('a request that takes over a key is one more worker on its order', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('PUT /reservations/:id');
  const headers = { ...(await logIn()), 'idempotency-key': 'k' };
  const order = newOrder();
  const { id } = (await post(app, headers, order)).json();
  await app.database
    .$executeRaw`UPDATE idempotency_keys SET status = NULL, body = NULL, claimed_at = now() - interval '11 s'`;
  expect((await post(app, headers, order)).json().id).toBe(id);
  expect((await getOrder(app.database, id)).attempts).toBe(1);
});

test('an order that is refused to its second worker gives back what the first may have had authorised', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('PUT /reservations/:id');
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json();
  await claimAbandonedOrder(app.database, 0);
  peers.break('PUT /reservations/:id', 409, 'out-of-stock');
  expect((await runSaga(app.database, clientsOf(peers), id)).order.cancelReason).toBe('out-of-stock');
  expect(peers.log.slice(-2)).toEqual([
    'POST /payments/of-order/void-or-refund',
    'POST /reservations/:id/release',
  ]);
});

test('a worker does not confirm what was cancelled behind its back', async () => {
  const { app, peers, logIn } = await startApp();
  peers.break('POST /payments/:id/capture');
  const { id } = (await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder())).json();
  const asRead = await getOrder(app.database, id);
  await cancelOrder(app.database, id);
  expect(await recordStep(app.database, asRead, { status: 'confirmed' })).toBeNull();
  expect(await getOrder(app.database, id)).toMatchObject({
    status: 'pending',
    cancelReason: 'customer',
    sagaStep: 'authorise-payment',
  });
});

test('lists only the own orders, the newest first, page by page', async () => {
  const { app, logIn } = await startApp();
  const [ada, bob] = [await logIn(), await logIn()];
  const ids: string[] = [];
  for (const key of ['1', '2', '3'])
    ids.push((await post(app, { ...ada, 'idempotency-key': key }, newOrder())).json().id);
  await post(app, { ...bob, 'idempotency-key': '1' }, newOrder());

  const first = (await app.inject({ url: '/orders?limit=2', headers: ada })).json();
  const second = (
    await app.inject({ url: `/orders?limit=2&cursor=${first.nextCursor}`, headers: ada })
  ).json();
  const listed = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
  expect([listed, second.nextCursor]).toEqual([ids.toReversed(), null]);
  expect((await app.inject({ url: `/orders/${ids[0]}`, headers: bob })).statusCode).toBe(404);
});

test('asks for a token before anything else', async () => {
  const { app } = await startApp();
  const responses = [
    await post(app, {}, { nonsense: true }),
    await app.inject('/orders'),
    await app.inject('/orders/x'),
  ];
  expect(responses.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401]);
});
