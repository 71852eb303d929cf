import { expect, test } from 'vitest';
import { startFakeUser } from './fake-peers.ts';
import { postForm, session, startShop } from './helper.ts';

const change = { currentPassword: 'correct horse', newPassword: 'a better horse' };

async function start() {
  const user = await startFakeUser();
  return { user, shop: await startShop({ user }) };
}

test('redirects to the login, and back to the account', async () => {
  const { user, shop } = await start();
  const forms = ['password', 'sessions/end', `sessions/${user.sessions[0]?.id}/end`];
  const responses = [
    await shop.inject('/shop/account'),
    ...(await Promise.all(forms.map((form) => shop.inject(postForm(`/shop/account/${form}`, change))))),
  ];
  for (const { statusCode, headers } of responses)
    expect([statusCode, headers.location]).toEqual([303, '/shop/login?next=/shop/account']);
  expect(user.ended).toEqual([]);
});

test("shows the profile and all sessions, including this browser's", async () => {
  const { user, shop } = await start();
  const { body } = await shop.inject({ url: '/shop/account', cookies: session });
  expect(body).toContain('Ada, ada@example.com');
  expect(body).toContain('<a href="/shop/account" aria-current="page">Account</a>');
  const [here, elsewhere] = user.sessions.map(({ id }) =>
    body.includes(`action="/shop/account/sessions/${id}/end"`),
  );
  expect([here, elsewhere]).toEqual([false, true]);
  expect(body).toContain('This browser');
});

test.each([
  [{ currentPassword: 'wrong' }, 403, 'currentPassword', 'This is not your password.'],
  [{ newPassword: 'short' }, 400, 'newPassword', 'Choose a password of 8 to 200 characters.'],
])('the field explains what is wrong with %j', async (wrong, status, field, words) => {
  const { shop } = await start();
  const response = await shop.inject(postForm('/shop/account/password', { ...change, ...wrong }, session));
  expect([response.statusCode, response.headers['set-cookie']]).toEqual([status, undefined]);
  expect(response.body).toMatch(
    new RegExp(`id="${field}"[^>]*aria-describedby="[^"]*${field}-error" aria-invalid="true"`),
  );
  expect(response.body).toContain(`id="${field}-error">${words}`);
  for (const password of Object.values({ ...change, ...wrong }))
    expect(response.body).not.toContain(`"${password}"`);
});

test('changes the password with the visitor’s address, and confirms it', async () => {
  const { user, shop } = await start();
  const form = postForm('/shop/account/password', change, session);
  const identity = { 'x-forwarded-client-cert': 'URI=spiffe://a/gateway', 'x-forwarded-for': '203.0.113.7' };
  const response = await shop.inject({ ...form, headers: { ...form.headers, ...identity } });
  expect([response.statusCode, response.headers.location]).toEqual([303, '/shop/account?changed=1']);
  expect(user.visitors).toEqual(['203.0.113.7']);
  const page = await shop.inject({ url: response.headers.location as string, cookies: session });
  expect(page.body).toContain('Your password has been changed');
});

test('ends another session, or all of them including this one', async () => {
  const { user, shop } = await start();
  const id = user.sessions[1]?.id as string;
  const one = await shop.inject(postForm(`/shop/account/sessions/${id}/end`, {}, session));
  expect([one.headers.location, one.headers['set-cookie'], user.ended]).toEqual([
    '/shop/account',
    undefined,
    [id],
  ]);
  const all = await shop.inject(postForm('/shop/account/sessions/end', {}, session));
  expect([all.headers.location, user.ended.length]).toEqual(['/shop/', 3]);
  expect(String(all.headers['set-cookie'])).toMatch(/meshmart_session=; .*meshmart_refresh=; /);
});

test("after an ended session, the login redirects to the account, not to the form's path", async () => {
  const { shop } = await start();
  const cookies = { meshmart_session: 'an.old.token', meshmart_refresh: 'stale' };
  const { statusCode, body } = await shop.inject(postForm('/shop/account/password', change, cookies));
  expect([statusCode, body.includes('name="next" value="/shop/account"')]).toEqual([401, true]);
});
