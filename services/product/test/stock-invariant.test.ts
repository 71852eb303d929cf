import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import { expect, test } from 'vitest';
import { releaseExpired } from '../src/reservations/repository.ts';
import { startApp } from './helper.ts';

/** Counts, in one snapshot, the units in stock and those in reservations. */
async function countUnits({ database }: App): Promise<number[]> {
  const rows = await database.$queryRaw<{ total: number }[]>`
    SELECT (stock + coalesce(held, 0))::int AS total FROM products LEFT JOIN (
      SELECT product_id, sum(quantity) AS held FROM reservation_items JOIN reservations USING (order_id)
      WHERE status <> 'released' GROUP BY product_id) AS reserved ON product_id = id`;
  return rows.map(({ total }) => total);
}

test('simultaneous reserving, confirming, releasing and expiring neither loses nor creates units', async () => {
  const { app, startReplica, addProduct } = await startApp();
  const replicas = [app, await startReplica(), await startReplica()];
  // Not enough for all, so that some are refused.
  const stock = 120;
  const products = [await addProduct({ stock }), await addProduct({ stock }), await addProduct({ stock })];

  /** Runs what may happen to an order at once; the number selects a mixture. */
  async function liveThrough(number: number) {
    const on = (step: number) => replicas[(number + step) % replicas.length] as App;
    const orderId = newId();
    // Each order lists the products from another one on, so that they lock in different sequences.
    const items = [0, 1, 2].map((step) => ({
      productId: products[(number + step) % 3]?.id as string,
      quantity: 1 + (number % 3),
    }));
    const put = (step: number) =>
      on(step).inject({ method: 'PUT', url: `/reservations/${orderId}`, body: { items } });
    const post = (what: string, step: number) =>
      on(step).inject({ method: 'POST', url: `/reservations/${orderId}/${what}` });
    const expire = async (step: number) => {
      const past = new Date(Date.now() - 1000);
      await on(step).database.reservation.updateMany({ where: { orderId }, data: { expiresAt: past } });
      await releaseExpired(on(step + 1).database);
    };

    const isMade = (await Promise.all([put(0), put(1)])).some(({ statusCode }) => statusCode === 200);
    const happens = { confirm: number & 1, release: number & 2, expire: number & 4 };
    const [confirmed] = await Promise.all([
      happens.confirm ? post('confirm', 2) : undefined,
      happens.release ? post('release', 0) : undefined,
      happens.release ? post('release', 1) : undefined,
      happens.expire ? expire(2) : undefined,
      put(1),
    ]);
    const status = (await app.inject(`/reservations/${orderId}`)).json().status;
    return { orderId, isMade, happens, isConfirmed: confirmed?.statusCode === 200, status };
  }

  let isRunning = true;
  const seen = (async () => {
    const totals: number[][] = [];
    while (isRunning) totals.push(await countUnits(app));
    return totals;
  })();
  const lives = await Promise.all(Array.from({ length: 96 }, (_, number) => liveThrough(number)));
  isRunning = false;

  const totals = await seen;
  expect(totals.length).toBeGreaterThan(5);
  expect(new Set(totals.flat())).toEqual(new Set([stock]));
  expect(await countUnits(app)).toEqual([stock, stock, stock]);

  const made = lives.filter(({ isMade }) => isMade);
  expect(made.length).toBeGreaterThan(30);
  for (const { happens, isConfirmed, status } of made) {
    const isEnded = happens.release || (happens.expire && !isConfirmed);
    const expected = isEnded ? 'released' : isConfirmed ? 'confirmed' : 'reserved';
    expect({ ...happens, isConfirmed, status }).toEqual({ ...happens, isConfirmed, status: expected });
  }
});
