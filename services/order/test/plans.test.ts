import { createExplainingAdapter, findWaste } from '@meshmart/database/test-plans';
import { newId } from '@meshmart/service/ids';
import { expect, inject, onTestFinished, test } from 'vitest';
import { PrismaClient } from '../generated/prisma/client.ts';
import {
  beginOrder,
  cancelOrder,
  claimAbandonedOrder,
  expireOrders,
  findOrder,
  findOrderByKey,
  findOrders,
  getOrder,
  recordStep,
  releaseClaim,
} from '../src/orders/repository.ts';
import { startApp } from './helper.ts';

/** With a million orders the test takes some minutes. */
const ORDERS = process.env.TEST_SCALE === 'long' ? 1_000_000 : 50_000;

/** Stores orders of one item, most of them confirmed. Every hundredth is the user's. */
async function fill(database: PrismaClient, userId: string): Promise<void> {
  await database.$executeRaw`
    INSERT INTO orders (id, user_id, payment_token, currency, total_minor, status, saga_step, claimed_at, created_at)
    SELECT gen_random_uuid(), CASE i % 100 WHEN 0 THEN ${userId}::uuid ELSE gen_random_uuid() END, 'tok_approved', 'EUR', 500,
      (CASE i % 5000 WHEN 0 THEN 'pending' WHEN 100 THEN 'cancelled' ELSE 'confirmed' END)::order_status,
      CASE i % 5000 WHEN 0 THEN NULL ELSE 'capture-payment' END, now() - interval '1 h', now() - interval '1 h'
    FROM generate_series(1, ${ORDERS}::int) AS i`;
  await database.$executeRaw`
    INSERT INTO order_items (order_id, product_id, quantity, price_minor) SELECT id, gen_random_uuid(), 1, 500 FROM orders`;
  await database.$executeRaw`
    INSERT INTO idempotency_keys (scope, key, fingerprint, resource_id) SELECT 'scope', id::text, '', id FROM orders`;
  for (const table of ['orders', 'order_items', 'idempotency_keys'])
    await database.$executeRawUnsafe(`VACUUM (ANALYZE) ${table}`);
}

test('no statement reads more than ten rows for each that it returns, or scans a table', {
  timeout: 1_200_000,
}, async () => {
  const { databaseUrl } = await startApp();
  const { adapter, takePlans } = createExplainingAdapter(inject('databaseAdminUrl'), databaseUrl);
  const database = new PrismaClient({ adapter });
  onTestFinished(() => database.$disconnect());
  const userId = newId();
  await fill(database, userId);
  const page = await findOrders(database, { userId, limit: 20 });
  const before = page.at(-1)?.id as string;
  const order = {
    id: newId(),
    userId,
    paymentToken: 'tok_approved',
    currency: 'EUR',
    items: Array.from({ length: 20 }, () => ({ productId: newId(), quantity: 1 })),
    agreedTotalMinor: null,
  };
  const keyed = { scope: 'scope', key: 'k', fingerprint: 'f', fingerprintAsSent: 'f' };
  const prices = order.items.map(({ productId }) => ({ productId, name: 'Cup', priceMinor: 500 }));
  const read = () => getOrder(database, order.id);
  takePlans();

  // The rows that each needs; a plan may read ten times as many.
  const work: Record<string, [rows: number, run: () => Promise<unknown>]> = {
    'placing an order': [60, () => beginOrder(database, keyed, order, { orders: 1000, units: 5000 })],
    'its first step': [
      20,
      async () =>
        recordStep(database, await read(), { sagaStep: 'reserve-stock', totalMinor: 10_000, prices }),
    ],
    'its end, with the response': [
      20,
      async () =>
        recordStep(
          database,
          await read(),
          { status: 'confirmed' },
          { response: { request: keyed, status: 201, body: { id: order.id } } },
        ),
    ],
    'the order': [20, () => findOrder(database, userId, order.id)],
    'the order of a key': [20, () => findOrderByKey(database, userId, keyed)],
    'a page of orders': [41, () => findOrders(database, { userId, limit: 20 })],
    'a page in the middle': [41, () => findOrders(database, { userId, limit: 20, before })],
    'cancelled orders': [4, () => findOrders(database, { userId, limit: 20, status: 'cancelled' })],
    'orders of all': [41, () => findOrders(database, { userId: null, limit: 20, before })],
    'confirmed orders of all': [
      41,
      () => findOrders(database, { userId: null, limit: 20, before, status: 'confirmed' }),
    ],
    'cancelled orders of all': [
      20,
      () => findOrders(database, { userId: null, limit: 20, status: 'cancelled' }),
    ],
    'a cancellation': [1, () => cancelOrder(database, order.id)],
    'the abandoned order': [1, () => claimAbandonedOrder(database, 20)],
    'a released claim': [20, async () => releaseClaim(database, await read())],
    'the late orders': [10, () => expireOrders(database, 600, 0)],
  };
  for (const [name, [rows, run]] of Object.entries(work)) {
    await run();
    const plans = takePlans();
    expect([name, plans.length > 0]).toEqual([name, true]);
    expect([name, plans.flatMap((plan) => findWaste(plan, rows))]).toEqual([name, []]);
  }
});
