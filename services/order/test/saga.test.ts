import { expect, test, vi } from 'vitest';
import { claimAbandonedOrder, getOrder, recordStep } from '../src/orders/repository.ts';
import { runSaga, type Worker } from '../src/orders/saga.ts';
import { startApp } from './helper.ts';

test('logs the steps by name, from the one after the last recorded step', async () => {
  const { abandonOrder, worker } = await startApp();
  const orderId = await abandonOrder('POST /payments');
  const info = vi.fn();
  await runSaga({ ...worker, log: { info } as unknown as Worker['log'] }, orderId);
  const steps = ['authorise-payment', 'confirm-stock', 'capture-payment'];
  expect(info).toHaveBeenCalledWith({ orderId, status: 'confirmed', steps }, 'the saga has ended');
});

test('logs the failed step and its error, not the error of the release that follows', async () => {
  const { app, peers, abandonOrder, worker } = await startApp();
  const orderId = await abandonOrder('POST /payments');
  peers.break('POST /payments');
  const failing = new Proxy(app.database, {
    get: (database, name) =>
      name === '$executeRaw' ? () => Promise.reject(new Error('no database')) : Reflect.get(database, name),
  });
  const warn = vi.fn();
  const log = { warn } as unknown as Worker['log'];
  expect(await runSaga({ ...worker, log, database: failing }, orderId)).toBeNull();
  const err = expect.objectContaining({ type: 'urn:meshmart:problem:unavailable' });
  expect(warn).toHaveBeenCalledWith({ err, orderId, step: 'authorise-payment' }, expect.any(String));
});

test('a worker that comes too late changes nothing', async () => {
  const { peers, logIn, placeOrder, work } = await startApp();
  const { id } = (await placeOrder(await logIn())).json();
  await Promise.all([1, 2, 3].map(() => work(id)));
  expect(peers.log).toHaveLength(4);
});

test('a worker records nothing for an order that another one has taken over', async () => {
  const { app, abandonOrder, readOrder } = await startApp();
  const id = await abandonOrder('POST /payments');
  const asRead = await getOrder(app.database, id);
  await claimAbandonedOrder(app.database, 0);
  expect(await recordStep(app.database, asRead, { sagaStep: 'authorise-payment' })).toBeNull();
  expect(await readOrder(id)).toMatchObject({ sagaStep: 'reserve-stock', attempts: 1 });
});

test('a worker does not confirm an order that was cancelled meanwhile', async () => {
  const { app, peers, logIn, abandonOrder, cancelOrder, readOrder } = await startApp();
  const customer = await logIn();
  const id = await abandonOrder('POST /payments/:id/capture', customer);
  const asRead = await getOrder(app.database, id);
  peers.break('POST /payments/of-order/void-or-refund');
  await cancelOrder(customer, id);
  expect(await recordStep(app.database, asRead, { status: 'confirmed' })).toBeNull();
  expect(await readOrder(id)).toMatchObject({
    status: 'pending',
    cancelReason: 'customer',
    sagaStep: 'authorise-payment',
  });
});

test("a refusal to the second worker also voids the first worker's authorisation", async () => {
  const { app, peers, abandonOrder, readOrder, work } = await startApp();
  const id = await abandonOrder('PUT /reservations/:id');
  await claimAbandonedOrder(app.database, 0);
  peers.break('PUT /reservations/:id', 409, 'out-of-stock');
  await work(id);
  expect((await readOrder(id)).cancelReason).toBe('out-of-stock');
  expect(peers.log.slice(-2)).toEqual([
    'POST /payments/of-order/void-or-refund',
    'POST /reservations/:id/release',
  ]);
});
