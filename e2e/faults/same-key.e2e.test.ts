import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findViolations } from '@meshmart/consistency-checker/check';
import { countUnits } from '@meshmart/consistency-checker/stock-invariants';
import { type DatabaseUrls, readStoreState } from '@meshmart/consistency-checker/store-state';
import { findFreePorts } from '@meshmart/processes/ports';
import { eventually } from '@meshmart/test-support/eventually';
import { expect, onTestFinished } from 'vitest';
import type { RunningStore } from '../running-store.ts';
import { test } from '../shared-store.ts';
import { stockProducts } from './sale.ts';
import { createRandom, scale } from './scale.ts';
import { startService } from './service-process.ts';
import { type Answer, createShopper, type Shopper, untilAnswered } from './shopper.ts';
import { tokensOf } from './tokens.ts';

const units = 1_000;
/** The store gives up after five deaths in a minute. */
const killEveryMs = 15_000;

const random = createRandom();
const shoppers: Shopper[] = [];
let store: RunningStore;
let databases: DatabaseUrls;
let makeShopper: (paymentToken: string) => Promise<Shopper>;
let unitsBefore: Map<string, number>;

test.beforeAll(async ({ store: running }) => {
  store = running;
  databases = await store.databases();
  const baseUrl = `http://127.0.0.1:${store.port}`;
  const signToken = await tokensOf(store);
  const adminToken = await signToken(randomUUID(), 'admin');
  const [productId = ''] = await stockProducts(baseUrl, { count: 1, units, adminToken });
  unitsBefore = countUnits(await readStoreState(databases));
  const items = [{ productId, quantity: 1 }];
  makeShopper = async (paymentToken) => {
    const userId = randomUUID();
    const token = await signToken(userId);
    const shopper = createShopper({ baseUrl, token, userId, key: randomUUID(), paymentToken, items });
    shoppers.push(shopper);
    return shopper;
  };
});

/** Expects every response to be the same order, or to say that it is in progress or that requests are too many. */
function expectOneAnswer(answers: Answer[]): void {
  const first = answers.find(({ status }) => status === 201 || status === 202);
  expect(first).toBeDefined();
  const others = answers.filter((answer) => JSON.stringify(answer) !== JSON.stringify(first));
  const refusals = Map.groupBy(others, ({ status, body, text }) => `${status} ${body?.type ?? text}`);
  const counts = [...refusals].map(([refusal, { length }]) => `${length} times ${refusal}`);
  const allowed =
    /(409 urn:meshmart:problem:idempotency-key-in-use|503 urn:meshmart:problem:unavailable|504 urn:meshmart:problem:timed-out)$/;
  expect(counts.filter((line) => !allowed.test(line))).toEqual([]);
}

/** Audits all orders so far: one order for each key, paid once. */
async function expectOneEffect(): Promise<void> {
  await Promise.all(shoppers.map(({ waitForEnd }) => waitForEnd()));
  const left = await readStoreState(databases);
  const clientOrders = shoppers.map(({ log }) => log);
  expect(findViolations({ state: left, clientOrders, unitsBefore })).toEqual([]);
  const users = new Set(clientOrders.map(({ userId }) => userId));
  const orders = left.orders.filter(({ userId }) => users.has(userId));
  const ids = new Set(orders.map(({ id }) => id));
  const payments = left.payments.filter(({ orderId }) => ids.has(orderId));
  expect([orders.length, payments.length]).toEqual([shoppers.length, shoppers.length]);
  expect(orders.filter(({ status }) => status !== 'confirmed')).toEqual([]);
}

test(
  'a thousand simultaneous requests with one key are one order and one charge',
  async () => {
    for (let round = 0; round < scale(1, 20); round++) {
      const shopper = await makeShopper('tok_approved');
      const answers = await Promise.all(Array.from({ length: 1_000 }, () => shopper.place()));
      const created = answers.filter(({ status }) => status === 201 || status === 202).length;
      expectOneAnswer(answers);
      console.log(`${created} answered with the order, ${answers.length - created} told to wait`);
      expectOneAnswer([...answers, await untilAnswered(shopper.place)]);
    }
    await expectOneEffect();
  },
  scale(180_000, 1_200_000),
);

test(
  'wherever the order service is killed, the key leads to one order and always to the same response',
  async () => {
    const answered: { shopper: Shopper; answer: Answer }[] = [];
    for (let round = 0; round < scale(1, 10); round++) {
      const shopper = await makeShopper('tok_slow');
      const first = shopper.place();
      await sleep(random() * 4_000);
      await killOrderService();
      await first;
      answered.push({ shopper, answer: await untilAnswered(shopper.place) });
      if (round > 0) await sleep(killEveryMs);
    }
    await killOrderService();
    for (const { shopper, answer } of answered) {
      expectOneAnswer([answer, await untilAnswered(shopper.place)]);
    }
    await expectOneEffect();
  },
  scale(180_000, 1_800_000),
);

async function killOrderService(): Promise<void> {
  const pid = await eventually(() => store.pidOf('order-v1-1'));
  process.kill(pid, 'SIGKILL');
  await eventually(() => ![undefined, pid].includes(store.pidOf('order-v1-1')), 30_000);
}

test(
  'another replica refuses a repetition while the first request is in progress, and then returns its response',
  async () => {
    const [port = 0] = await findFreePorts(1);
    const to = `http://127.0.0.1:${port}`;
    const replica = await startService({
      service: 'order',
      port,
      env: {
        DATABASE_URL: databases.order,
        MESH_OUTBOUND_SOCKET: join(store.directory, 'order-v1-1.out'),
      },
    });
    onTestFinished(() => replica.stop());
    const slow = await makeShopper('tok_slow');
    const first = slow.place();
    await eventually(async () => (await slow.find()) !== undefined, 30_000);
    let meanwhile = await slow.place({}, to);
    while (meanwhile.status === 503) meanwhile = await slow.place({}, to); // it has just started
    expect([meanwhile.status, meanwhile.body?.type]).toEqual([
      409,
      'urn:meshmart:problem:idempotency-key-in-use',
    ]);
    expectOneAnswer([await first, await slow.place({}, to)]);

    for (let round = 0; round < scale(1, 20); round++) {
      const shopper = await makeShopper('tok_approved');
      const places = Array.from({ length: 200 }, (_, i) => (i % 2 ? shopper.place() : shopper.place({}, to)));
      const answers = await Promise.all(places);
      expectOneAnswer([...answers, await untilAnswered(shopper.place)]);
    }
    await expectOneEffect();
  },
  scale(180_000, 1_200_000),
);
