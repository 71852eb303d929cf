import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import { createPeerFetch } from '@meshmart/service/peers';
import { expect, test } from 'vitest';
import { placeOrder } from '../src/orders/place-order.ts';
import { claimAbandonedOrders } from '../src/orders/repository.ts';
import { createPaymentPeer } from '../src/peers/payment.ts';
import { createProductPeer } from '../src/peers/product.ts';
import { PRICE_MINOR } from './fake-peers.ts';
import { startApp } from './helper.ts';

const newOrder = (quantity = 2, paymentToken = 'tok_approved') => ({
  items: [{ productId: newId(), quantity }],
  paymentToken,
});

function post(app: App, headers: Record<string, string>, body: object) {
  return app.inject({ method: 'POST', url: '/orders', headers, body });
}

test('reserves, authorises, confirms and captures, in this order', async () => {
  const { app, peers, logIn } = await startApp();
  const order = newOrder();
  const answer = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, order);
  const { id, createdAt } = answer.json();
  expect([answer.statusCode, answer.json()]).toEqual([
    201,
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
  const answer = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder(1, 'tok_declined'));
  expect(answer.json()).toMatchObject({ status: 'cancelled', cancelReason: 'payment-declined' });
  expect(peers.log).toEqual(['PUT /reservations/:id', 'POST /payments', 'POST /reservations/:id/release']);
});

test('what is out of stock cancels the order before any money is asked for', async () => {
  const { app, peers, logIn } = await startApp();
  const answer = await post(app, { ...(await logIn()), 'idempotency-key': 'k' }, newOrder(11));
  expect(answer.json()).toMatchObject({ status: 'cancelled', cancelReason: 'out-of-stock' });
  expect(peers.log).toEqual(['PUT /reservations/:id']);
});

test('fifty simultaneous posts with one key on two replicas make one order; each gets it or 409', async () => {
  const { app, startReplica, peers, logIn } = await startApp();
  const replicas = [app, await startReplica()];
  const headers = { ...(await logIn()), 'idempotency-key': 'k' };
  const order = newOrder();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => post(replicas[i % 2] as App, headers, order)),
  );
  const created = answers.filter(({ statusCode }) => statusCode === 201);
  expect(answers.every(({ statusCode }) => statusCode === 201 || statusCode === 409)).toBe(true);
  expect(new Set(created.map((answer) => answer.json().id)).size).toBe(1);
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
  expect([without, otherBody].map((answer) => [answer.statusCode, answer.json().type])).toEqual([
    [400, 'urn:meshmart:problem:idempotency-key-missing'],
    [422, 'urn:meshmart:problem:idempotency-key-reused'],
  ]);
  expect(otherUser.statusCode).toBe(201);
  expect(otherUser.json().id).not.toBe(first.json().id);
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
    expect([first.statusCode, first.json().status]).toEqual([201, 'pending']);

    peers.mend();
    const peerFetch = createPeerFetch({});
    const [id] = await claimAbandonedOrders(app.database, 0);
    expect(id).toBe(first.json().id);
    expect(await claimAbandonedOrders(app.database, 60)).toEqual([]);
    const clients = {
      product: createProductPeer(peers.url, peerFetch),
      payment: createPaymentPeer(peers.url, peerFetch),
    };
    await placeOrder(app.database, clients, String(id));
    expect((await app.inject({ url: `/orders/${id}`, headers })).json().status).toBe('confirmed');
    expect(peers.charges).toHaveLength(1);
    expect((await post(app, headers, order)).json()).toEqual(first.json());
  },
);

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
  const answers = [
    await post(app, {}, { nonsense: true }),
    await app.inject('/orders'),
    await app.inject('/orders/x'),
  ];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401]);
});
