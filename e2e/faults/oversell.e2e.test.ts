import { randomUUID } from 'node:crypto';
import { findViolations } from '@meshmart/consistency-checker/check';
import { countUnits } from '@meshmart/consistency-checker/stock-invariants';
import { readStoreState } from '@meshmart/consistency-checker/store-state';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endStore, makeState, type RunningStore, startStore } from '../running-store.ts';
import { countSold, stockProducts, watchUnits } from './sale.ts';
import { scale } from './scale.ts';
import { createShopper, type Shopper, untilAnswered } from './shopper.ts';
import { tokensOf } from './tokens.ts';

const sales = scale(3, 200);
const units = 10;
const buyers = 200;
/** The time that an order takes does not matter here. */
const patienceMs = 600_000;

const { state, remove } = makeState();
let store: RunningStore;

beforeAll(async () => {
  store = await startStore(state);
});
afterAll(() => endStore(store, remove));

test(
  `${buyers} buyers at once get exactly the ${units} units in stock, ${sales} times`,
  async () => {
    const baseUrl = `http://127.0.0.1:${store.port}`;
    const signToken = await tokensOf(store);
    const adminToken = await signToken(randomUUID(), 'admin');
    const ids = await stockProducts(baseUrl, { count: sales, units, adminToken });
    expect(ids).toHaveLength(sales);
    const databases = await store.databases();
    const unitsBefore = countUnits(await readStoreState(databases));
    const users = await Promise.all(
      Array.from({ length: buyers }, async () => {
        const userId = randomUUID();
        return { userId, token: await signToken(userId) };
      }),
    );

    const over = new AbortController();
    const watching = watchUnits(databases, { ids, units, signal: over.signal });
    const startedAt = Date.now();
    const shoppers = await sell(baseUrl, ids, users).finally(() => over.abort());
    const tookS = (Date.now() - startedAt) / 1000;
    const reads = await watching;
    console.log(`${shoppers.length} orders in ${tookS.toFixed(0)} s; units read ${reads.count} times`);

    expect([...reads.wrong]).toEqual([]);
    expect(reads.count).toBeGreaterThan(tookS); // a watcher that is too slow would miss a wrong state
    const sold = await countSold(databases);
    expect(ids.filter((id) => sold.get(id) !== units)).toEqual([]);
    const clientOrders = shoppers.map(({ log }) => log);
    const left = await readStoreState(databases);
    expect(findViolations({ state: left, clientOrders, unitsBefore })).toEqual([]);
    const reasons = new Set(
      left.orders.map(({ status, cancelReason }) => `${status} ${cancelReason ?? ''}`.trim()),
    );
    expect([...reasons].sort()).toEqual(['cancelled out-of-stock', 'confirmed']);
  },
  scale(180_000, 7_200_000),
);

interface Buyer {
  userId: string;
  token: string;
}

/** Sells one product after the other, each to all buyers at once. */
async function sell(baseUrl: string, ids: string[], users: Buyer[]): Promise<Shopper[]> {
  const shoppers: Shopper[] = [];
  for (const [index, productId] of ids.entries()) {
    const items = [{ productId, quantity: 1 }];
    const rush = users.map((user) =>
      createShopper({ baseUrl, ...user, key: randomUUID(), paymentToken: 'tok_approved', items }),
    );
    await Promise.all(rush.map(({ place }) => untilAnswered(place, patienceMs)));
    shoppers.push(...rush);
    if ((index + 1) % 20 === 0) console.log(`${index + 1} of ${sales} sales`);
  }
  // Orders that were pending are awaited after the last sale, so that they do not delay the next one.
  const open = shoppers.filter(({ log }) => log.responses.at(-1)?.status === 'pending');
  await Promise.all(open.map(({ waitForEnd }) => waitForEnd(patienceMs)));
  return shoppers;
}
