import { startCrashingServer } from '@meshmart/database/test-crash';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cancelOrder, getOrder } from '../src/orders/repository.ts';
import { startApp } from './helper.ts';

/** Starts an order and crashes its database during the authorisation, which loses the record of the first step. */
async function startForgottenOrder() {
  const server = await startCrashingServer();
  onTestFinished(() => void server.stop());
  const { app, peers, logIn, placeOrder } = await startApp({}, server.adminUrl);
  peers.meet('POST /payments', 'nobody');
  const response = placeOrder(await logIn());
  await vi.waitUntil(() => peers.log.includes('POST /payments'), { timeout: 60_000 });
  const { id, sagaStep } = await app.database.order.findFirstOrThrow();
  expect(sagaStep).toBe('reserve-stock');
  await server.crash();
  const read = () => vi.waitFor(() => getOrder(app.database, id), { timeout: 60_000 });
  expect(await read()).toMatchObject({ sagaStep: null, totalMinor: null });
  const isEnded = async () => (await read()).status !== 'pending';
  return { app, peers, id, read, response, isEnded };
}

test('an order whose first step is lost in a database crash is reserved and charged once', async () => {
  const { peers, read, response, isEnded } = await startForgottenOrder();
  peers.part();
  await vi.waitUntil(isEnded, { timeout: 60_000 });
  await response;
  expect([(await read()).status, peers.charges.length]).toEqual(['confirmed', 1]);
});

test('an order that is cancelled after such a crash holds neither money nor stock', async () => {
  const { app, peers, id, read, response, isEnded } = await startForgottenOrder();
  await cancelOrder(app.database, id);
  peers.part();
  await vi.waitUntil(isEnded, { timeout: 60_000 });
  await response;
  expect([(await read()).status, peers.charges.length, peers.held(id)]).toEqual(['cancelled', 1, false]);
  expect(peers.log).toContain('POST /payments/of-order/void-or-refund');
});
