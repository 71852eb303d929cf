import { hash } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { MOST_SESSIONS } from '../src/sessions/repository.ts';
import { ada, login, newAddress, startApp } from './helper.ts';

const next = 'a better horse';

/** Starts the service with two sessions of Ada. */
async function start() {
  const { app, post } = await startApp();
  await post('/users', ada);
  const logIn = async (password = ada.password) => (await post('/sessions', { ...login, password })).json();
  const call =
    (accessToken: string) => async (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object) => {
      const headers = { authorization: `Bearer ${accessToken}` };
      const request = { method, url: `/users/me/${path}`, headers, remoteAddress: newAddress() };
      const response = await app.inject({ ...request, ...(body && { body }) });
      return { status: response.statusCode, body: response.body ? response.json() : undefined };
    };
  const refresh = async ({ refreshToken }: { refreshToken: string }) =>
    (await post('/sessions/refresh', { refreshToken })).statusCode;
  const [here, elsewhere] = [await logIn(), await logIn()];
  return { app, post, here, elsewhere, logIn, refresh, call: call(here.accessToken), callAs: call };
}

test('changes the password only with the current one; ends the other sessions', async () => {
  const { here, elsewhere, logIn, refresh, call } = await start();
  const wrong = await call('PUT', 'password', { currentPassword: 'wrong', newPassword: next });
  expect([wrong.status, wrong.body.type]).toEqual([403, 'urn:meshmart:problem:wrong-password']);
  const short = await call('PUT', 'password', { currentPassword: ada.password, newPassword: 'short' });
  expect([short.status, short.body.errors[0].pointer]).toEqual([400, '/body/newPassword']);
  expect((await logIn()).tokenType).toBe('Bearer');

  expect((await call('PUT', 'password', { currentPassword: ada.password, newPassword: next })).status).toBe(
    204,
  );
  expect((await logIn()).status).toBe(401);
  expect((await logIn(next)).tokenType).toBe('Bearer');
  expect([await refresh(here), await refresh(elsewhere)]).toEqual([200, 401]);
});

test('of two simultaneous changes of a password, one succeeds', async () => {
  const { logIn, call } = await start();
  const change = (newPassword: string) =>
    call('PUT', 'password', { currentPassword: ada.password, newPassword });
  const passwords = ['the first one', 'the second one'];
  const statuses = (await Promise.all(passwords.map(change))).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([204, 403]);
  const changed = passwords[statuses.indexOf(204)] as string;
  expect((await logIn(changed)).tokenType).toBe('Bearer');
});

test("lists a user's own sessions, and ends one or all; other users' sessions are not visible", async () => {
  const { post, here, elsewhere, logIn, refresh, call, callAs } = await start();
  const { items } = (await call('GET', 'sessions')).body;
  const timestamp = expect.stringMatching(/^\d{4}-.*Z$/);
  const times = { startedAt: timestamp, refreshedAt: timestamp, expiresAt: timestamp };
  expect(items).toEqual([
    { id: expect.any(String), ...times, isCurrent: false },
    { id: expect.any(String), ...times, isCurrent: true },
  ]);

  const bob = { ...ada, email: 'bob@meshmart.example' };
  await post('/users', bob);
  const { accessToken } = (await post('/sessions', { ...login, email: bob.email })).json();
  const asBob = callAs(accessToken);
  expect((await asBob('GET', 'sessions')).body.items).toHaveLength(1);
  expect((await asBob('DELETE', `sessions/${items[0].id}`)).status).toBe(404);

  expect((await call('DELETE', `sessions/${items[0].id}`)).status).toBe(204);
  expect((await call('DELETE', `sessions/${items[0].id}`)).status).toBe(404);
  expect([await refresh(here), await refresh(elsewhere)]).toEqual([200, 401]);
  const another = await logIn();
  expect((await call('DELETE', 'sessions')).status).toBe(204);
  expect([await refresh(another), (await call('GET', 'sessions')).body.items]).toEqual([401, []]);
  expect((await asBob('GET', 'sessions')).body.items).toHaveLength(1);
});

test('the 21st session ends the least recently refreshed one', async () => {
  const { app, post, here, elsewhere, logIn, refresh } = await start();
  await app.database.$executeRaw`UPDATE sessions SET rotated_at = rotated_at - interval '1 hour'`;
  const { refreshToken } = (await post('/sessions/refresh', { refreshToken: here.refreshToken })).json();
  for (let i = 2; i < MOST_SESSIONS; i++) await logIn();
  expect(await refresh(elsewhere)).toBe(200);
  await app.database.$executeRaw`UPDATE sessions SET rotated_at = rotated_at - interval '2 hours'
    WHERE id = (SELECT id FROM sessions ORDER BY created_at OFFSET 1 LIMIT 1)`;
  await logIn();
  expect(await app.database.session.count()).toBe(MOST_SESSIONS);
  expect(await refresh({ refreshToken })).toBe(200);
});

test('a hash with weaker parameters is replaced at the next login', async () => {
  const { app, logIn } = await start();
  const weak = await hash(ada.password, { memoryCost: 8192, timeCost: 1 });
  await app.database.user.updateMany({ data: { passwordHash: weak } });
  expect((await logIn()).tokenType).toBe('Bearer');
  const [user] = await app.database.user.findMany();
  expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect((await logIn()).tokenType).toBe('Bearer');
  expect((await logIn('wrong')).status).toBe(401);
});
