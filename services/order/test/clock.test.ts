import { newId } from '@meshmart/service/ids';
import { afterEach, expect, test, vi } from 'vitest';
import { beginOrder, getOrder, moveOrder } from '../src/orders/repository.ts';
import { newOrder, startApp } from './helper.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a replica whose clock is wrong notes down when by the clock of the database', async () => {
  const { app } = await startApp();
  const { items, paymentToken } = newOrder();
  const order = { id: newId(), userId: newId(), items, paymentToken, currency: 'EUR' };
  const readAges = () => app.database.$queryRaw`
    SELECT created_at BETWEEN now() - interval '1 min' AND now() AS created,
      claimed_at BETWEEN now() - interval '1 min' AND now() AS claimed FROM orders`;

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  await beginOrder(app.database, { scope: 's', key: 'k', fingerprint: 'f' }, order);
  expect(await readAges()).toEqual([{ created: true, claimed: true }]);
  await moveOrder(app.database, await getOrder(app.database, order.id), { step: 1 });
  expect(await readAges()).toEqual([{ created: true, claimed: true }]);
});
