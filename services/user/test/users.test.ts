import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '@meshmart/service/config';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { createSigningKeys } from '../src/tokens/signing-keys.ts';
import { ada, login, startApp } from './helper.ts';

test('registers, logs in, and returns the profile; the password is stored as argon2id and never returned', async () => {
  const { app, post } = await startApp();
  const registered = await post('/users', ada);
  const { id, createdAt } = registered.json();
  const user = { id, email: 'ada@meshmart.example', name: 'Ada', role: 'customer', createdAt };
  expect([registered.statusCode, registered.json()]).toEqual([201, user]);
  expect(registered.headers.location).toBe('/users/me');

  const session = await post('/sessions', { email: 'ADA@meshmart.example', password: ada.password });
  expect([session.statusCode, session.json()]).toEqual([
    201,
    {
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresInS: 600,
      refreshToken: expect.stringMatching(/^[\w-]{64}$/),
      refreshExpiresInS: 7 * 24 * 3600,
    },
  ]);
  const authorization = `Bearer ${session.json().accessToken}`;
  expect((await app.inject({ url: '/users/me', headers: { authorization } })).json()).toEqual(user);

  const { passwordHash } = await app.database.user.findUniqueOrThrow({ where: { id } });
  expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('an email has one account, ignoring case, even with simultaneous registrations', async () => {
  const { post } = await startApp();
  const others = ['Grace', 'Joan', 'Mary'].map((name) => ({ ...ada, name, email: ada.email.toUpperCase() }));
  const responses = await Promise.all([ada, ...others].map((user) => post('/users', user)));
  expect(responses.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409, 409, 409]);
});

test('a repeated registration finds its account for a minute, and counts no login', async () => {
  const { app, post } = await startApp();
  const responses = await Promise.all([ada, ada, ada].map((user) => post('/users', user)));
  expect(responses.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201]);
  expect(new Set(responses.map((response) => response.json().id)).size).toBe(1);
  for (const change of [{ password: 'another one' }, { name: 'Grace' }])
    expect((await post('/users', { ...ada, ...change })).statusCode).toBe(409);
  await app.database.user.updateMany({ data: { createdAt: new Date(Date.now() - 61_000) } });
  expect((await post('/users', ada)).statusCode).toBe(409);
  expect(await app.database.loginAttempts.count()).toBe(0);
});

test('a wrong password and an unknown user get the same response', async () => {
  const { post } = await startApp();
  await post('/users', ada);
  const wrong = await post('/sessions', { email: ada.email, password: 'wrong' });
  const unknown = await post('/sessions', { email: 'nobody@meshmart.example', password: 'wrong' });
  expect(wrong.statusCode).toBe(401);
  expect(wrong.json()).toEqual(unknown.json());
});

test('tokens verify with the published keys, which contain no private members', async () => {
  const { app, post } = await startApp();
  const { id } = (await post('/users', ada)).json();
  const { accessToken } = (await post('/sessions', login)).json();
  const keySet = (await app.inject('/.well-known/jwks.json')).json();
  const { payload } = await jwtVerify(accessToken, createLocalJWKSet(keySet));
  expect(payload).toMatchObject({ sub: id, role: 'customer', iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE });
  expect(Object.keys(keySet.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  expect(decodeProtectedHeader(accessToken).kid).toBe(keySet.keys[0].kid);
});

test('refuses a token that is missing, expired, foreign, for others, or not signed', async () => {
  const { app, post, signingKeys } = await startApp();
  const { id } = (await post('/users', ada)).json();
  const sign = (keys: typeof signingKeys, change: (jwt: SignJWT) => SignJWT = (jwt) => jwt) =>
    change(
      new SignJWT({ role: 'customer' })
        .setProtectedHeader({ alg: 'ES256', kid: keys.signing().keyId, typ: 'at+jwt' })
        .setSubject(id)
        .setIssuer(TOKEN_ISSUER)
        .setAudience(TOKEN_AUDIENCE)
        .setExpirationTime('1 h'),
    ).sign(keys.signing().privateKey);
  const unsigned = `${btoa('{"alg":"none"}')}.${(await sign(signingKeys)).split('.')[1]}.`;
  const tokens = {
    good: await sign(signingKeys),
    expired: await sign(signingKeys, (jwt) => jwt.setExpirationTime('-1 s')),
    foreignKey: await sign(await createSigningKeys()),
    otherIssuer: await sign(signingKeys, (jwt) => jwt.setIssuer('https://other.example')),
    otherAudience: await sign(signingKeys, (jwt) => jwt.setAudience('other')),
    unsigned,
    garbage: 'a.b.c',
  };
  const statuses: Record<string, number> = {};
  for (const [name, token] of Object.entries(tokens)) {
    const headers = { authorization: `Bearer ${token}` };
    statuses[name] = (await app.inject({ url: '/users/me', headers })).statusCode;
  }
  statuses.missing = (await app.inject('/users/me')).statusCode;
  const { good, ...bad } = statuses;
  expect(good).toBe(200);
  expect(new Set(Object.values(bad))).toEqual(new Set([401]));
});

test.each([
  [{ ...ada, email: 'no-email' }, '/body/email'],
  [{ ...ada, password: 'short' }, '/body/password'],
  [{ ...ada, name: '  ' }, '/body/name'],
  [{ ...ada, name: 'A\u0000da' }, '/body/name'],
  [{ ...ada, role: 'admin' }, '/body/role'],
])('refuses to register %j', async (body, pointer) => {
  const { post } = await startApp();
  const response = await post('/users', body);
  expect([response.statusCode, response.json().errors[0].pointer]).toEqual([400, pointer]);
});
