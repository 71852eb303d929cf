import { generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../src/app.ts';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from '../src/config.ts';
import { testConfig } from './test-config.ts';

const { privateKey, publicKey } = await generateKeyPair('ES256');
const forger = await generateKeyPair('ES256');

function sign(role: string | undefined, key = privateKey, typ = 'at+jwt'): Promise<string> {
  const jwt = new SignJWT(role ? { role } : {})
    .setProtectedHeader({ alg: 'ES256', typ })
    .setSubject('someone');
  return jwt.setIssuer(TOKEN_ISSUER).setAudience(TOKEN_AUDIENCE).setExpirationTime('1 h').sign(key);
}

/** Starts an app with one route per access level, which returns the caller. */
async function startApp() {
  const config = testConfig;
  const app = await createApp({
    name: 'test',
    description: 'A test.',
    config,
    userKeys: async () => publicKey,
  });
  onTestFinished(() => app.close());
  for (const access of ['customer', 'admin'] as const) {
    const schema = { operationId: access };
    app.get(`/${access}`, { config: { access }, schema }, async ({ user }) => user);
  }
  return app;
}

test.each([
  ['customer', undefined, 401],
  ['admin', undefined, 401],
  ['customer', await sign('customer'), 200],
  ['customer', await sign('admin'), 200],
  ['admin', await sign('admin'), 200],
  ['admin', await sign('customer'), 403],
  ['admin', await sign(undefined), 403],
  ['admin', await sign('admin', forger.privateKey), 401],
  ['admin', await sign('admin', privateKey, 'JWT'), 401],
])('a route for a %s: case %#', async (access, token, status) => {
  const app = await startApp();
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await app.inject({ url: `/${access}`, headers });
  const type = { 200: undefined, 401: 'unauthenticated', 403: 'forbidden' }[status];
  expect(response.statusCode).toBe(status);
  expect(response.json().type).toBe(type && `urn:meshmart:problem:${type}`);
  expect(response.headers['cache-control']).toBe('no-store');
});

test('the API documentation says which routes need a token', async () => {
  const app = await startApp();
  app.get('/open', { config: { access: 'anonymous' }, schema: { operationId: 'open' } }, async () => ({}));
  const { paths } = (await app.inject('/docs/json')).json();
  const security = ['customer', 'admin', 'open'].map((path) => paths[`/${path}`].get.security);
  expect(security).toEqual([[{ accessToken: [] }], [{ accessToken: [] }], undefined]);
});
