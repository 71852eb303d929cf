import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '@meshmart/service/app';
import fastify from 'fastify';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { claimAbandonedOrder, expireOrders } from '../src/orders/repository.ts';
import { resumeOrders } from '../src/orders/resume-orders.ts';
import { type OrderPeers, runSaga, type SagaEnd } from '../src/orders/saga.ts';

vi.mock('../src/orders/repository.ts');
vi.mock('../src/orders/saga.ts');
const claim = vi.mocked(claimAbandonedOrder);

beforeEach(() => {
  vi.resetAllMocks();
});

/** A replica that has begun with one order, whose peers do not answer. */
async function startWithSlowOrder() {
  const slow = Promise.withResolvers<SagaEnd>();
  vi.mocked(expireOrders).mockResolvedValue();
  vi.mocked(runSaga).mockReturnValueOnce(slow.promise);
  const app = fastify();
  const warn = vi.spyOn(app.log, 'warn');
  await resumeOrders(app as unknown as App, { peers: {} as OrderPeers });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    slow.resolve({} as SagaEnd);
    await app.close();
  });
  await vi.waitUntil(() => vi.mocked(runSaga).mock.calls.length === 1, { timeout: 10_000 });
  return { slow, warn };
}

test('orders expire while others are still being resumed', async () => {
  claim.mockResolvedValueOnce('slow').mockResolvedValue(null);
  await startWithSlowOrder();
  const before = vi.mocked(expireOrders).mock.calls.length;
  await vi.waitUntil(() => vi.mocked(expireOrders).mock.calls.length > before + 1, { timeout: 10_000 });
});

test('when orders cannot be claimed, nothing more begins until what is under way has ended', async () => {
  claim.mockResolvedValueOnce('slow').mockRejectedValue(new Error('no database'));
  const { slow, warn } = await startWithSlowOrder();
  await sleep(5000); // two turns
  expect(claim).toHaveBeenCalledTimes(8);

  slow.resolve({} as SagaEnd);
  await vi.waitUntil(() => claim.mock.calls.length > 9, { timeout: 10_000 });
  expect(warn).toHaveBeenCalledWith(
    { err: new Error('no database') },
    'resuming orders failed and is tried again',
  );
});
