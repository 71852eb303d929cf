import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { findViolations } from '@meshmart/consistency-checker/check';
import { waitForQuiescence } from '@meshmart/consistency-checker/quiescence';
import { countUnits } from '@meshmart/consistency-checker/stock-invariants';
import { readStoreState } from '@meshmart/consistency-checker/store-state';
import pg from 'pg';
import { expect } from 'vitest';
import { test } from '../shared-store.ts';
import { stockProducts } from './sale.ts';
import { scale } from './scale.ts';
import { createShopper, untilAnswered } from './shopper.ts';
import { tokensOf } from './tokens.ts';

const lockedForMs = scale(15_000, 60_000);
const readEveryMs = 250;
const never = new AbortController().signal;

test(
  'a locked row stops orders of its product, but no other order, no reader and no instance',
  async ({ store }) => {
    const baseUrl = `http://127.0.0.1:${store.port}`;
    const databases = await store.databases();
    const signToken = await tokensOf(store);
    const adminToken = await signToken(randomUUID(), 'admin');
    const [locked = '', other = ''] = await stockProducts(baseUrl, { count: 2, units: 1000, adminToken });
    const unitsBefore = countUnits(await readStoreState(databases));
    const order = async (productId: string) => {
      const userId = randomUUID();
      const items = [{ productId, quantity: 1 }];
      const shopper = createShopper({
        baseUrl,
        token: await signToken(userId),
        userId,
        key: randomUUID(),
        paymentToken: 'tok_approved',
        items,
      });
      const placing = untilAnswered(shopper.place);
      placing.catch(() => {}); // awaited below
      return { shopper, placing };
    };

    const session = new pg.Client({ connectionString: databases.product });
    await session.connect();
    await session.query('BEGIN');
    await session.query('SELECT FROM products WHERE id = $1 FOR UPDATE', [locked]);
    const stuck = await Promise.all(Array.from({ length: 20 }, () => order(locked)));

    const tookMs: number[] = [];
    const failed: unknown[] = [];
    const unready = new Set<string>();
    const others: Awaited<ReturnType<typeof order>>[] = [];
    const until = Date.now() + lockedForMs;
    while (Date.now() < until) {
      const startedAt = performance.now();
      const answer = await fetch(`${baseUrl}/products`, { signal: AbortSignal.timeout(15_000) }).catch(
        String,
      );
      if (typeof answer === 'string' || answer.status !== 200) failed.push(answer);
      else await answer.arrayBuffer();
      tookMs.push(performance.now() - startedAt);
      for (const { name, state } of (await store.status()).instances)
        if (state !== 'ready') unready.add(name);
      if (tookMs.length % 10 === 0) others.push(await order(other));
      await sleep(readEveryMs);
    }
    await Promise.all(others.map(({ placing }) => placing));
    for (const { shopper } of others) expect((await shopper.waitForEnd()).status).toBe('confirmed');
    await session.query('ROLLBACK');
    await session.end();

    const releasedAt = performance.now();
    await Promise.all(stuck.map(({ placing }) => placing));
    await Promise.all(stuck.map(({ shopper }) => shopper.waitForEnd()));
    const restS = (performance.now() - releasedAt) / 1000;
    const slowest = Math.max(...tookMs);
    console.log(
      `locked for ${lockedForMs / 1000} s: ${tookMs.length} reads of the catalogue, the slowest ${slowest.toFixed(0)} ms, ${others.length} other orders; at rest ${restS.toFixed(1)} s later`,
    );
    expect(failed).toEqual([]);
    expect(slowest).toBeLessThan(5000); // readers once waited up to 10 s for the reservations
    expect([...unready]).toEqual([]);
    await waitForQuiescence(databases, { since: Date.now(), timeoutMs: 60_000, signal: never });
    const clientOrders = [...stuck, ...others].map(({ shopper }) => shopper.log);
    const state = await readStoreState(databases);
    expect(findViolations({ state, clientOrders, unitsBefore })).toEqual([]);
  },
  scale(240_000, 600_000),
);
