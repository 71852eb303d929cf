import { expect, test } from 'vitest';
import { order, startFakeOrder, startFakeUser } from './fake-peers.ts';
import { postForm, session, startShop } from './helper.ts';

const account = { email: 'ada@example.com', password: 'correct horse', next: '/shop/checkout' };

test('stores the tokens in cookies that no script and no other site can use, and redirects', async () => {
  const shop = await startShop({ user: await startFakeUser() });
  const response = await shop.inject(postForm('/shop/login', account));
  expect([response.statusCode, response.headers.location]).toEqual([303, '/shop/checkout']);
  expect(response.headers['set-cookie']).toEqual([
    'meshmart_session=a.valid.token; Max-Age=570; Path=/; HttpOnly; SameSite=Lax',
    'meshmart_refresh=first; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax',
  ]);
});

test('with TLS, the cookies are Secure, and only those set by this host with TLS count', async () => {
  const [user, orders] = [await startFakeUser(), await startFakeOrder({ status: 201, body: order })];
  const shop = await startShop({ user, order: orders });
  const byTls = { 'x-forwarded-proto': 'https' };
  const form = postForm('/shop/login', account);
  const response = await shop.inject({ ...form, headers: { ...form.headers, ...byTls } });
  expect(response.headers['set-cookie']).toEqual([
    '__Host-meshmart_session=a.valid.token; Max-Age=570; Path=/; HttpOnly; Secure; SameSite=Lax',
    '__Host-meshmart_refresh=first; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax',
  ]);
  const visit = (name: string) =>
    shop.inject({ url: '/shop/orders', headers: byTls, cookies: { [name]: 'a.valid.token' } });
  expect((await visit('__Host-meshmart_session')).statusCode).toBe(200);
  expect((await visit('meshmart_session')).headers.location).toBe('/shop/login?next=/shop/orders');
});

test('refuses a wrong password without saying which part was wrong, and keeps the email', async () => {
  const shop = await startShop({ user: await startFakeUser() });
  const response = await shop.inject(postForm('/shop/login', { ...account, password: 'wrong-password' }));
  expect([response.statusCode, response.headers['set-cookie']]).toEqual([401, undefined]);
  expect(response.body).toContain('Wrong email or password');
  expect(response.body).toContain('value="ada@example.com"');
  expect(response.body).not.toContain('wrong-password');
});

test('treats an invalid email like an unknown one', async () => {
  const shop = await startShop({ user: await startFakeUser() });
  const response = await shop.inject(postForm('/shop/login', { ...account, email: 'odd' }));
  expect(response.statusCode).toBe(401);
});

test('registers and logs in', async () => {
  const shop = await startShop({ user: await startFakeUser() });
  const response = await shop.inject(postForm('/shop/register', { ...account, name: 'Ada' }));
  expect([response.statusCode, response.headers.location]).toEqual([303, '/shop/checkout']);
  expect(response.headers['set-cookie']?.[0]).toContain('meshmart_session=a.valid.token');
});

test('does not try to log in with a taken email, which would count against its owner', async () => {
  const user = await startFakeUser();
  const shop = await startShop({ user });
  const form = { ...account, name: 'Ada', email: 'taken@example.com' };
  const response = await shop.inject(postForm('/shop/register', form));
  expect([response.statusCode, response.headers['set-cookie'], user.visitors.length]).toEqual([
    409,
    undefined,
    1,
  ]);
});

test.each(['login', 'register'])(
  'the %s form says how long to wait after too many attempts',
  async (page) => {
    const shop = await startShop({ user: await startFakeUser() });
    const form = { ...account, name: 'Ada', email: 'hasty@example.com' };
    const response = await shop.inject(postForm(`/shop/${page}`, form));
    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '7']);
    expect(response.body).toContain('Try again in 7 seconds.');
    expect(response.body).toContain('value="hasty@example.com"');
    expect(response.body).not.toContain(account.password);
  },
);

test('calls the user service with the visitor’s address, which the visitor cannot choose', async () => {
  const user = await startFakeUser();
  const shop = await startShop({ user });
  const identity = { 'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/meshmart/sa/gateway' };
  for (const page of ['login', 'register']) {
    const form = postForm(`/shop/${page}`, { ...account, name: 'Ada' });
    const headers = { ...form.headers, ...identity, 'x-forwarded-for': '1.1.1.1, 203.0.113.7' };
    await shop.inject({ ...form, headers });
  }
  expect(new Set(user.visitors)).toEqual(new Set(['203.0.113.7']));
});

test.each([
  ['taken@example.com', 409, 'There is already an account with this email'],
  ['odd', 400, 'Enter an email address, such as'],
])('explains what is wrong with the email %s', async (email, status, text) => {
  const password = 'another one';
  const shop = await startShop({ user: await startFakeUser() });
  const response = await shop.inject(
    postForm('/shop/register', { ...account, name: 'Ada', email, password }),
  );
  expect(response.statusCode).toBe(status);
  expect(response.body).toContain(text);
  expect(response.body).toMatch(/id="email"[^>]*aria-describedby="email-error" aria-invalid="true"/);
});

test.each(['https://example.com/', '//example.com', '/shop/../login', '/shop/\\example.com', '/users'])(
  'does not redirect to %s after a login',
  async (next) => {
    const shop = await startShop({ user: await startFakeUser() });
    const response = await shop.inject(postForm('/shop/login', { ...account, next }));
    expect([response.statusCode, response.headers.location]).toEqual([400, undefined]);
  },
);

test.each(['first', 'broken'])(
  'deletes the tokens at logout and ends the session: %s',
  async (refreshToken) => {
    const user = await startFakeUser();
    const shop = await startShop({ user });
    const cookies = { ...session, meshmart_refresh: refreshToken };
    const response = await shop.inject(postForm('/shop/logout', {}, cookies));
    expect([response.statusCode, response.headers.location]).toEqual([303, '/shop/']);
    expect(response.headers['set-cookie']).toEqual([
      expect.stringMatching(/^meshmart_session=; .*Expires=Thu, 01 Jan 1970/),
      expect.stringMatching(/^meshmart_refresh=; .*Path=\/; Expires=Thu, 01 Jan 1970/),
    ]);
    expect(user.asked).toEqual([`/sessions/revoke ${refreshToken}`]);
  },
);

test('an expired access token is renewed with the next page', async () => {
  const [user, orders] = [await startFakeUser(), await startFakeOrder({ status: 201, body: order })];
  const shop = await startShop({ user, order: orders });
  const response = await shop.inject({ url: '/shop/orders', cookies: { meshmart_refresh: 'first' } });
  expect(response.statusCode).toBe(200);
  expect(response.body).toContain('Log out');
  expect(response.headers['set-cookie']).toEqual([
    expect.stringContaining('meshmart_session=a.valid.token; Max-Age=570; Path=/; HttpOnly'),
    expect.stringContaining('meshmart_refresh=second; Max-Age=604800; Path=/; HttpOnly'),
  ]);
  const again = await shop.inject({
    url: '/shop/orders',
    cookies: { ...session, meshmart_refresh: 'second' },
  });
  expect([again.statusCode, again.headers['set-cookie']]).toEqual([200, undefined]);
  expect(user.asked).toEqual(['/sessions/refresh first']);
});

test('an ended session logs the visitor out; an outage of user does so only temporarily', async () => {
  const shop = await startShop({ user: await startFakeUser() });
  const visit = (meshmart_refresh: string) =>
    shop.inject({ url: '/shop/login', cookies: { meshmart_refresh } });
  const over = await visit('stale');
  expect(over.body).not.toContain('Log out');
  expect(over.headers['set-cookie']?.[1]).toMatch(/^meshmart_refresh=; /);
  const outage = await visit('broken');
  expect([outage.statusCode, outage.headers['set-cookie']]).toEqual([200, undefined]);
  expect(outage.body).not.toContain('Log out');
});

test.each([
  ['cross-site', 403],
  ['same-site', 403],
  ['same-origin', 303],
])('responds to a form sent %s with %i', async (site, status) => {
  const shop = await startShop({ user: await startFakeUser() });
  const form = postForm('/shop/login', account);
  const response = await shop.inject({ ...form, headers: { ...form.headers, 'sec-fetch-site': site } });
  expect(response.statusCode).toBe(status);
});

test.each([
  ['http://evil.example', 403],
  ['null', 403],
  ['http://localhost:80', 303],
])('without TLS a browser sends only the origin of a form: %s', async (origin, status) => {
  const shop = await startShop({ user: await startFakeUser() });
  const form = postForm('/shop/login', account);
  const response = await shop.inject({ ...form, headers: { ...form.headers, origin, host: 'localhost' } });
  expect(response.statusCode).toBe(status);
});
