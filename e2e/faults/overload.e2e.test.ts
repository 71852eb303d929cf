import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitForQuiescence } from '@meshmart/consistency-checker/quiescence';
import { readStoreState } from '@meshmart/consistency-checker/store-state';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import type { RunningStore } from '../running-store.ts';
import { test } from '../shared-store.ts';
import { stockProducts } from './sale.ts';
import { scale } from './scale.ts';
import { tokensOf } from './tokens.ts';

const closedForS = scale(5, 30);
const overloadedForS = scale(10, 120);
/** In `npm test` the machine may be busy during one of the two rates. */
const goodputAtLeast = scale(0, 0.9);
const customersAtOnce = 24;
/** An order that is confirmed later counts as late. */
const usefulWithinMs = 10_000;

type Outcome = 'confirmed' | 'late' | 'refused' | 'cancelled' | 'failed';

/** Creates customers who order one unit each through the gateway. */
async function gatherCustomers(store: RunningStore, dispatcher: Agent) {
  const baseUrl = `http://127.0.0.1:${store.port}`;
  const signToken = await tokensOf(store);
  const adminToken = await signToken(randomUUID(), 'admin');
  const ids = await stockProducts(baseUrl, { count: 50, units: 100_000, adminToken });
  const users = await Promise.all(
    Array.from({ length: 500 }, async () => {
      const userId = randomUUID();
      return { userId, token: await signToken(userId) };
    }),
  );
  let sent = 0;

  async function order(): Promise<Outcome> {
    const { token } = users[sent % users.length] as (typeof users)[number];
    const productId = ids[sent++ % ids.length];
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const call = async (path: string, init: object = {}) => {
      const answer = await request(baseUrl + path, { headers, dispatcher, ...init });
      const body = (await answer.body.json().catch(() => ({}))) as { id?: string; status?: string };
      return { code: answer.statusCode, ...body };
    };
    const until = Date.now() + usefulWithinMs;
    const body = JSON.stringify({ items: [{ productId, quantity: 1 }], paymentToken: 'tok_approved' });
    let seen = await call('/orders', {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': randomUUID() },
      body,
    });
    if (seen.code === 503 || seen.code === 429) return 'refused';
    const path = `/orders/${seen.id}`;
    while (seen.status === 'pending' && Date.now() < until) {
      await sleep(1000);
      seen = { ...seen, ...(await call(path)) };
    }
    if (seen.status === 'pending') return 'late';
    return seen.status === 'confirmed' || seen.status === 'cancelled' ? seen.status : 'failed';
  }
  const read = async () => {
    const startedAt = performance.now();
    const answer = await request(`${baseUrl}/products`, { dispatcher });
    await answer.body.dump();
    return { ok: answer.statusCode === 200, ms: performance.now() - startedAt };
  };
  return {
    users: new Set<string>(users.map(({ userId }) => userId)),
    order: () => order().catch(() => 'failed' as const),
    read,
  };
}

test(
  'at twice its capacity the store keeps confirming orders, and refuses the rest at once',
  async ({ store }) => {
    const dispatcher = new Agent({ connections: 1000 });
    const { users, order, read } = await gatherCustomers(store, dispatcher);

    const closed: Outcome[] = [];
    const closedUntil = Date.now() + closedForS * 1000;
    const customer = async () => {
      while (Date.now() < closedUntil) closed.push(await order());
    };
    await Promise.all(Array.from({ length: customersAtOnce }, customer));
    const capacity = closed.filter((outcome) => outcome === 'confirmed').length / closedForS;
    expect(capacity).toBeGreaterThan(0);
    const calmMs = await slowestOfTen(read);

    const rate = 2 * capacity;
    const placed: Promise<Outcome>[] = [];
    const startedAt = performance.now();
    for (let number = 0; number < rate * overloadedForS; number++) {
      const dueInMs = startedAt + (number / rate) * 1000 - performance.now();
      if (dueInMs > 1) await sleep(dueInMs);
      placed.push(order());
    }
    const endedAt = performance.now();
    let normalAfterS = 0;
    while ((await slowestOfTen(read)) > 3 * calmMs && normalAfterS < 60) {
      await sleep(500);
      normalAfterS = (performance.now() - endedAt) / 1000;
    }
    const outcomes = Object.groupBy(await Promise.all(placed), (outcome) => outcome);
    const count = (outcome: Outcome) => outcomes[outcome]?.length ?? 0;
    const goodput = count('confirmed') / overloadedForS;
    console.log(
      `capacity ${capacity.toFixed(1)} orders/s; at twice that ${goodput.toFixed(1)} confirmed within 10 s (${Math.round((100 * goodput) / capacity)} %), ${count('refused')} of ${placed.length} refused, ${count('late')} late, ${count('failed')} failed; readers normal again after ${normalAfterS.toFixed(1)} s`,
    );
    expect(count('cancelled')).toBe(0);
    expect(goodput).toBeGreaterThan(goodputAtLeast * capacity);

    const databases = await store.databases();
    await waitForQuiescence(databases, {
      since: Date.now(),
      timeoutMs: 120_000,
      signal: new AbortController().signal,
    });
    const { orders } = await readStoreState(databases);
    const lost = orders.filter(({ userId, status }) => users.has(userId) && status !== 'confirmed');
    expect(lost).toEqual([]);
    await dispatcher.close();
  },
  scale(300_000, 900_000),
);

async function slowestOfTen(read: () => Promise<{ ok: boolean; ms: number }>): Promise<number> {
  const tookMs: number[] = [];
  for (let number = 0; number < 10; number++) {
    const { ok, ms } = await read();
    tookMs.push(ok ? ms : Number.POSITIVE_INFINITY);
  }
  return Math.max(...tookMs);
}
