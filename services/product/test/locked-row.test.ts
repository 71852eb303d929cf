import { newId } from '@meshmart/service/ids';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startApp } from './helper.ts';

/** The default time limits. */
const impatient = { DATABASE_WAIT_MS: '1000', HANDLER_TIMEOUT_MS: '3000' };

/** Locks a product's row in another session, as a frozen process does. */
async function lockRow(url: string, productId: string) {
  const session = new pg.Client({ connectionString: url });
  onTestFinished(() => session.end());
  await session.connect();
  await session.query('BEGIN');
  await session.query('SELECT FROM products WHERE id = $1 FOR UPDATE', [productId]);
  return { release: () => session.query('ROLLBACK') };
}

test('a locked row fails the reservations of its product, and nothing else', async () => {
  const { app, databaseUrl, addProduct } = await startApp(impatient);
  const [locked, other] = [await addProduct(), await addProduct()];
  const paths = ['/products', `/products/${locked.id}`, '/products/categories', '/health/ready'];
  await Promise.all(paths.map((path) => app.inject(path))); // open the connections, which is slow on a busy machine
  const { release } = await lockRow(databaseUrl, locked.id);
  const reserve = (productId: string) =>
    app.inject({
      method: 'PUT',
      url: `/reservations/${newId()}`,
      body: { items: [{ productId, quantity: 1 }] },
    });

  const waiting = Array.from({ length: 20 }, () => reserve(locked.id));
  for (const path of paths) {
    const startedAt = performance.now();
    expect((await app.inject(path)).statusCode).toBe(200);
    // The reservations wait for at least a second, but the readers did not.
    expect(performance.now() - startedAt).toBeLessThan(900);
  }
  const refused = await Promise.all(waiting);
  for (const { statusCode, headers } of refused)
    expect([statusCode, headers['retry-after']]).toEqual([503, '2']);
  expect((await reserve(other.id)).statusCode).toBe(200);

  await release();
  expect((await reserve(locked.id)).statusCode).toBe(200);
});

test('a lost database is `unavailable`, not `internal`', async () => {
  const { app, databaseUrl } = await startApp(impatient);
  const admin = new pg.Client({ connectionString: inject('databaseAdminUrl') });
  onTestFinished(() => admin.end());
  await admin.connect();
  const { username } = new URL(databaseUrl);
  await admin.query(`ALTER ROLE ${username} CONNECTION LIMIT 0`);
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [username]);
  for (const path of ['/products', '/health/ready']) {
    const { statusCode, headers } = await app.inject(path);
    expect([statusCode, headers['retry-after']]).toEqual([503, '2']);
  }
});
