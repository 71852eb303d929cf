import { createExplainingAdapter, findWaste } from '@meshmart/database/test-plans';
import { newId } from '@meshmart/service/ids';
import { expect, inject, onTestFinished, test } from 'vitest';
import { PrismaClient } from '../generated/prisma/client.ts';
import {
  countCategories,
  findProduct,
  findProducts,
  findRecommendations,
} from '../src/products/repository.ts';
import {
  confirmReservation,
  findReservation,
  putReservation,
  releaseExpired,
  releaseReservation,
} from '../src/reservations/repository.ts';
import { startApp } from './helper.ts';

/** With a million products the test takes some minutes, most of them for the search index. */
const PRODUCTS = process.env.TEST_SCALE === 'long' ? 1_000_000 : 50_000;
const TIMEOUT_MS = 1_200_000;

/** Stores products with a common and a rare word in their names, and a reservation for every hundredth product. */
async function fill(database: PrismaClient): Promise<void> {
  await database.$executeRaw`
    INSERT INTO products (id, slug, name, description, category, price_minor, stock)
    SELECT gen_random_uuid(), 'p' || i, CASE i % 2 WHEN 0 THEN 'Oak ' ELSE 'Ash ' END || md5((i / 5)::text),
      'Made to last.', 'category ' || i % 12, 100 + i % 50000, 1 + i % 9
    FROM generate_series(1, ${PRODUCTS}::int) AS i`;
  await database.$executeRaw`
    WITH made AS (
      INSERT INTO reservations (order_id, status) SELECT gen_random_uuid(), 'confirmed'
      FROM generate_series(1, ${PRODUCTS / 100}::int) RETURNING order_id)
    INSERT INTO reservation_items (order_id, product_id, quantity, price_minor)
    SELECT order_id, (SELECT id FROM products LIMIT 1), 1, 100 FROM made`;
  await database.$executeRaw`VACUUM (ANALYZE) products`;
  await database.$executeRaw`VACUUM (ANALYZE) reservations, reservation_items`;
}

test('no statement reads more than ten rows for each that it returns, or scans a table', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { databaseUrl } = await startApp();
  const { adapter, takePlans } = createExplainingAdapter(inject('databaseAdminUrl'), databaseUrl);
  const database = new PrismaClient({ adapter });
  onTestFinished(() => database.$disconnect());
  await fill(database);
  const middle = (await findProducts(database, { limit: 100, q: 'oak' })).at(-1);
  if (!middle) throw new Error('there are no products');
  const rare = middle.name.split(' ')[1] as string;
  const after = { name: middle.name, id: middle.id };
  const ids = (await findProducts(database, { limit: 20, after })).map(({ id }) => id);
  const items = ids.map((productId) => ({ productId, quantity: 1 }));
  const orderId = newId();
  takePlans();

  const work: Record<string, () => Promise<unknown>> = {
    'a page': () => findProducts(database, { limit: 24 }),
    'a page in the middle': () => findProducts(database, { limit: 24, after }),
    'a page of a category': () => findProducts(database, { limit: 24, category: 'category 7', after }),
    'a basket': () => findProducts(database, { limit: 20, ids }),
    'a search for a frequent word': () => findProducts(database, { limit: 24, q: 'oak', after }),
    'a search for a rare word': () => findProducts(database, { limit: 24, q: `oak ${rare}` }),
    'the categories': () => countCategories(database),
    'a product': () => findProduct(database, middle.id),
    'its recommendations': () => findRecommendations(database, middle),
    'a reservation': () => putReservation(database, { orderId, items, lifetimeS: 900 }),
    'reading it': () => findReservation(database, orderId),
    'confirming it': () => confirmReservation(database, orderId),
    'releasing it': () => releaseReservation(database, orderId),
    'the sweep': () => releaseExpired(database),
  };
  for (const [name, run] of Object.entries(work)) {
    const result = await run();
    const plans = takePlans();
    expect([name, plans.length > 0]).toEqual([name, true]);
    const returned = Array.isArray(result) ? result.length : items.length;
    expect([name, plans.flatMap((plan) => findWaste(plan, returned))]).toEqual([name, []]);
  }
});
