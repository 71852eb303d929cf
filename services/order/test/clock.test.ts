import { newId } from '@meshmart/service/ids';
import { afterEach, expect, test, vi } from 'vitest';
import { beginOrder, getOrder, recordStep } from '../src/orders/repository.ts';
import { newOrder, startApp } from './helper.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a replica whose clock is wrong notes down when by the clock of the database', async () => {
  const { app } = await startApp();
  const { items, paymentToken } = newOrder();
  const order = {
    id: newId(),
    userId: newId(),
    items,
    paymentToken,
    currency: 'EUR',
    agreedTotalMinor: null,
  };
  const limits = { orders: 10, units: 500 };
  const readAges = () => app.database.$queryRaw`
    SELECT created_at BETWEEN now() - interval '1 min' AND now() AS created,
      claimed_at BETWEEN now() - interval '1 min' AND now() AS claimed FROM orders`;

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  await beginOrder(
    app.database,
    { scope: 's', key: 'k', fingerprint: 'f', fingerprintAsSent: 'f' },
    order,
    limits,
  );
  expect(await readAges()).toEqual([{ created: true, claimed: true }]);
  await recordStep(app.database, await getOrder(app.database, order.id), { sagaStep: 'reserve-stock' });
  expect(await readAges()).toEqual([{ created: true, claimed: true }]);
});
