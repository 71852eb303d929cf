import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@meshmart/service/ids';
import { patientConfig } from '@meshmart/service/patient-config';
import { expect, onTestFinished, test } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { order, skillet, startFakeOrder, startFakeProduct, startFakeUser } from './fake-peers.ts';
import { basketCookie, postForm, readField, startShop } from './helper.ts';

test.each([
  ['a page that does not exist', '/shop/nowhere'],
  ['an id that is none', '/shop/products/42'],
  ['a product that does not exist', `/shop/products/${newId()}`],
])('responds to %s with a page and 404', async (_what, url) => {
  const shop = await startShop({ product: await startFakeProduct([skillet]) });
  const { statusCode, headers, body } = await shop.inject(url);
  expect([statusCode, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  expect(headers['cache-control']).toBe('no-store');
  expect(body).toContain('<h1>There is nothing here</h1>');
});

test('says that a part is unavailable, but not why', async () => {
  const shop = await startShop({});
  const { statusCode, body } = await shop.inject('/shop/');
  expect(statusCode).toBe(503);
  expect(body).toContain('A part of the shop is unavailable');
  expect(body).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|Error|at .*\.ts/);
});

test('shows a page for an injected fault, which occurs before the cookies are parsed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-'));
  const FAULTS_SOCKET = join(folder, 'faults');
  const shop = await buildApp(
    loadConfig({ LOG_LEVEL: 'silent', ...patientConfig, FAULTS_SOCKET, FAULTS: '{"errorRate": 1}' }),
  );
  onTestFinished(async () => {
    await shop.close();
    rmSync(folder, { recursive: true });
  });
  const { statusCode, body } = await shop.inject('/shop/');
  expect([statusCode, body]).toEqual([503, expect.stringContaining('A part of the shop is unavailable')]);
});

test('shows the login page with 401 if the session has ended, and redirects back afterwards', async () => {
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

const refused = (meshmart_refresh: string) => ({ meshmart_session: 'a.refused.token', meshmart_refresh });

test('a token that a peer refuses is renewed once, and the form sent again with the same key', async () => {
  const user = await startFakeUser();
  const orders = await startFakeOrder({ status: 201, body: order });
  const shop = await startShop({ product: await startFakeProduct([skillet]), order: orders, user });
  const basket = basketCookie([{ productId: skillet.id, quantity: 2 }]);
  const page = await shop.inject({ url: '/shop/checkout', cookies: { ...refused('first'), ...basket } });
  const fields = [...page.body.matchAll(/type="hidden" name="(\w+)"/g)].map(([, name = '']) => name);
  const form = Object.fromEntries(fields.map((name) => [name, readField(page, name)]));
  const sent = postForm(
    '/shop/checkout',
    { ...form, paymentToken: 'tok_approved' },
    { ...refused('first'), ...basket },
  );
  const response = await shop.inject(sent);
  expect([response.statusCode, response.headers.location]).toEqual([303, `/shop/orders/${order.id}`]);
  expect(String(response.headers['set-cookie'])).toMatch(
    /meshmart_session=a\.valid\.token.*meshmart_refresh=second/,
  );
  expect(user.asked).toEqual(['/sessions/refresh first']);
  expect(orders.placed.map(({ authorization }) => authorization)).toEqual(['Bearer a.valid.token']);
});

test('only a refused refresh ends the session; an outage of the user service does not', async () => {
  const shop = await startShop({
    order: await startFakeOrder({ status: 201, body: order }),
    user: await startFakeUser(),
  });
  const visit = (refreshToken: string) =>
    shop.inject({ url: '/shop/orders', cookies: refused(refreshToken) });
  const outage = await visit('broken');
  expect([outage.statusCode, outage.headers['set-cookie']]).toEqual([503, undefined]);
  const over = await visit('stale');
  expect([over.statusCode, String(over.headers['set-cookie'])]).toEqual([
    401,
    expect.stringContaining('meshmart_refresh=; '),
  ]);
});

test('a peer that refuses new tokens too is an outage, and the new session stays', async () => {
  const user = await startFakeUser();
  const orders = await startFakeOrder({ status: 201, body: order });
  const shop = await startShop({ order: orders, user });
  const cookies = { meshmart_session: 'a.refused.token', meshmart_refresh: 'unlucky' };
  const response = await shop.inject({ url: '/shop/orders', cookies });
  expect(response.statusCode).toBe(503);
  expect(String(response.headers['set-cookie'])).toContain('meshmart_refresh=third');
  expect(user.asked).toEqual(['/sessions/refresh unlucky']);
});

test('responds to a malformed query with 400', async () => {
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
])('ignores a session cookie %s', async (_what, cookie) => {
  const shop = await startShop({});
  const response = await shop.inject({
    url: '/shop/orders',
    headers: { cookie: `meshmart_session=${cookie}` },
  });
  expect([response.statusCode, response.headers.location]).toEqual([303, '/shop/login?next=/shop/orders']);
});
