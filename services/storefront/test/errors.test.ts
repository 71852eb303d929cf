import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@meshmart/service/ids';
import { expect, onTestFinished, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { order, skillet, startFakeOrder, startFakeProduct } from './fake-peers.ts';
import { startShop } from './helper.ts';

test.each([
  ['a page that does not exist', '/shop/nowhere'],
  ['an id that is none', '/shop/products/42'],
  ['a product that does not exist', `/shop/products/${newId()}`],
])('answers %s with a page and 404', async (_what, url) => {
  const shop = await startShop({ product: await startFakeProduct([skillet]) });
  const { statusCode, headers, body } = await shop.inject(url);
  expect([statusCode, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  expect(headers['cache-control']).toBe('no-store');
  expect(body).toContain('<h1>There is nothing here</h1>');
});

test('says that a part does not answer, and nothing of why', async () => {
  const shop = await startShop({});
  const { statusCode, body } = await shop.inject('/shop/');
  expect(statusCode).toBe(503);
  expect(body).toContain('A part of the shop does not answer');
  expect(body).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|Error|at .*\.ts/);
});

test('says so with a page also when it is sick on purpose, which is before the cookies are read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-'));
  const SICKNESS_SOCKET = join(folder, 'sick');
  const shop = await buildApp(
    loadConfig({ LOG_LEVEL: 'silent', SICKNESS_SOCKET, SICKNESS: '{"errorRate": 1}' }),
  );
  onTestFinished(async () => {
    await shop.close();
    rmSync(folder, { recursive: true });
  });
  const { statusCode, body } = await shop.inject('/shop/');
  expect([statusCode, body]).toEqual([503, expect.stringContaining('A part of the shop does not answer')]);
});

test('shows the login page with 401 when the session has ended, forgets it, and leads back afterwards', async () => {
  const shop = await startShop({ order: await startFakeOrder({ status: 201, body: order }) });
  const url = `/shop/orders/${order.id}`;
  const { statusCode, headers, body } = await shop.inject({
    url,
    cookies: { meshmart_session: 'an.old.token' },
  });
  expect(statusCode).toBe(401);
  expect(headers['set-cookie']?.[0]).toMatch(/^meshmart_session=;/);
  expect(body).toContain('Your session has ended');
  expect(body).toContain(`name="next" value="${url}"`);
  expect(body).not.toContain('Log out');
});

test('answers a malformed query with 400', async () => {
  const shop = await startShop({});
  expect((await shop.inject(`/shop/?q=${'x'.repeat(101)}`)).statusCode).toBe(400);
});

test.each(['constructor', '__proto__', 'toString'])(
  'draws the parcel for the category %s',
  async (category) => {
    const shop = await startShop({});
    expect((await shop.inject(`/shop/assets/pictures/${category}/0.svg`)).statusCode).toBe(200);
  },
);

test.each([
  ['with a line break', 'a%0d%0ab'],
  ['that no header can have', '%E2%82%AC'],
  ['of one part', 'no-token'],
  ['longer than a cookie', `a.${'b'.repeat(4000)}.c`],
])('takes a session cookie %s for none', async (_what, cookie) => {
  const shop = await startShop({});
  const answer = await shop.inject({
    url: '/shop/orders',
    headers: { cookie: `meshmart_session=${cookie}` },
  });
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/shop/login?next=/shop/orders']);
});
