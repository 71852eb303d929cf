import { expect, test } from 'vitest';
import { FAILURES_PER_ACCOUNT, FAILURES_PER_ADDRESS } from '../src/sessions/login-attempts.ts';
import { ada, login, newAddress, startApp } from './helper.ts';

const home = {
  recipient: 'Ada Lovelace',
  lines: ['12 St James\u2019s Square'],
  postalCode: 'SW1Y 4JH',
  city: 'London',
  country: 'GB',
};
const idOf = (n: number) => `019bb200-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** Starts two replicas; Ada and Bob are logged in. */
async function start() {
  const { startReplica, ...first } = await startApp();
  const second = await startReplica();
  const logIn = async (person: typeof ada) => {
    const { id, email } = (await first.post('/users', person)).json();
    const session = (await first.post('/sessions', { email, password: person.password })).json();
    const headers = { authorization: `Bearer ${session.accessToken}` };
    const call =
      ({ app } = first as Pick<typeof first, 'app'>) =>
      async (method: 'GET' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: object) => {
        const request = { method, url: `/users/me${path}`, headers, remoteAddress: newAddress() };
        const response = await app.inject({ ...request, ...(body && { body }) });
        const { location } = response.headers;
        return {
          status: response.statusCode,
          ...(location && { location }),
          body: response.body ? response.json() : undefined,
        };
      };
    return { id, session, call: call(), callSecond: call(second) };
  };
  return { ...first, ada: await logIn(ada), bob: await logIn({ ...ada, email: 'bob@meshmart.example' }) };
}

test('changes the name, and nothing else', async () => {
  const { ada, bob } = await start();
  const { body: before } = await ada.call('GET', '');
  const changed = await ada.call('PATCH', '', { name: 'Ada King' });
  expect(changed).toEqual({ status: 200, body: { ...before, name: 'Ada King' } });
  expect((await ada.call('GET', '')).body).toEqual(changed.body);
  expect((await bob.call('GET', '')).body.name).toBe('Ada');
});

test.each([
  {},
  { name: ' ' },
  { name: 'a'.repeat(101) },
  { name: 'A', role: 'admin' },
  { email: 'x@y.example' },
])('refuses to change %j', async (change) => {
  const { ada } = await start();
  expect((await ada.call('PATCH', '', change)).status).toBe(400);
  expect((await ada.call('GET', '')).body).toMatchObject({ name: 'Ada', role: 'customer' });
});

test('creates, reads, replaces and deletes addresses, which nobody else sees', async () => {
  const { ada, bob } = await start();
  const path = `/addresses/${idOf(1)}`;
  const made = { id: idOf(1), ...home };
  const location = `/users/me${path}`;
  expect(await ada.call('PUT', path, home)).toEqual({ status: 201, location, body: made });
  expect(await ada.callSecond('GET', path)).toEqual({ status: 200, body: made });
  expect(await ada.callSecond('PUT', path, home)).toEqual({ status: 200, body: made });
  expect((await ada.call('GET', '/addresses')).body).toEqual({ items: [made] });

  expect((await bob.call('GET', path)).status).toBe(404);
  expect((await bob.call('DELETE', path)).status).toBe(404);
  expect((await bob.call('GET', '/addresses')).body).toEqual({ items: [] });
  const { postalCode: _, ...elsewhere } = { ...home, city: 'Galway', country: 'IE' };
  expect((await bob.call('PUT', path, elsewhere)).status).toBe(201);
  expect((await bob.call('GET', path)).body).toEqual({ id: idOf(1), ...elsewhere });
  expect((await ada.call('GET', path)).body).toEqual(made);

  expect(await ada.call('PUT', path, elsewhere)).toEqual({
    status: 200,
    body: { id: idOf(1), ...elsewhere },
  });
  expect((await ada.call('DELETE', path)).status).toBe(204);
  expect((await ada.call('DELETE', path)).status).toBe(404);
  expect((await bob.call('GET', path)).status).toBe(200);
});

test('simultaneous requests on two replicas cannot exceed twenty addresses', async () => {
  const { ada } = await start();
  const puts = Array.from({ length: 30 }, (_, n) =>
    (n % 2 ? ada.call : ada.callSecond)('PUT', `/addresses/${idOf(n)}`, home),
  );
  const statuses = (await Promise.all(puts)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(20);
  expect(statuses.filter((status) => status === 409)).toHaveLength(10);
  const { items } = (await ada.call('GET', '/addresses')).body;
  expect((await ada.call('PUT', `/addresses/${items[0].id}`, home)).status).toBe(200);
});

test.each([
  [{ ...home, country: 'gb' }, '/body/country'],
  [{ ...home, lines: [] }, '/body/lines'],
  [{ ...home, lines: ['a', 'b', 'c', 'd'] }, '/body/lines'],
  [{ ...home, city: 'Lon\u0000don' }, '/body/city'],
  [{ ...home, recipient: 'a'.repeat(101) }, '/body/recipient'],
  [{ ...home, userId: idOf(1) }, '/body/userId'],
])('refuses the address %j', async (address, pointer) => {
  const { ada } = await start();
  const { status, body } = await ada.call('PUT', `/addresses/${idOf(1)}`, address);
  expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
});

test('deleting an account erases all personal data, ends the sessions, and frees the email', async () => {
  const { app, post, ada: account, bob } = await start();
  await account.call('PUT', `/addresses/${idOf(1)}`, home);
  const refused = await account.call('DELETE', '', { password: 'wrong' });
  expect([refused.status, refused.body.type]).toEqual([403, 'urn:meshmart:problem:wrong-password']);
  expect((await account.call('GET', '')).status).toBe(200);

  expect(await account.callSecond('DELETE', '', { password: ada.password })).toEqual({
    status: 204,
    body: undefined,
  });
  const { database } = app;
  const counts = [database.user.count(), database.session.count(), database.loginAddress.count()];
  expect(await Promise.all(counts), 'only those of Bob').toEqual([1, 1, 1]);
  expect(await database.loginAttempts.count()).toBe(0);
  expect(await database.address.count()).toBe(0);

  const { refreshToken } = account.session;
  expect((await post('/sessions/refresh', { refreshToken })).statusCode).toBe(401);
  expect((await post('/sessions', login)).statusCode).toBe(401);
  // The access token is valid until it expires, but its user is gone.
  for (const [method, path, body] of [
    ['GET', ''],
    ['PATCH', '', { name: 'Ada' }],
    ['DELETE', '', { password: ada.password }],
    ['GET', '/addresses'],
    ['GET', `/addresses/${idOf(1)}`],
    ['PUT', `/addresses/${idOf(1)}`, home],
    ['DELETE', `/addresses/${idOf(1)}`],
  ] as const) {
    expect((await account.call(method, path, body)).status, `${method} ${path}`).toBe(404);
  }
  expect((await bob.call('GET', '')).status).toBe(200);
  const again = await post('/users', ada);
  expect([again.statusCode, again.json().id === account.id]).toEqual([201, false]);
});

test('wrong passwords for a deletion count as failed logins', async () => {
  const { app, ada: account } = await start();
  await account.call('DELETE', '', { password: 'wrong' });
  expect(await app.database.loginAttempts.findMany()).toMatchObject([{ failures: 1 }]);
  await app.database.loginAttempts.updateMany({ data: { failures: FAILURES_PER_ACCOUNT } });
  await app.database.loginAddress.updateMany({ data: { failures: FAILURES_PER_ADDRESS } });
  const { accessToken } = account.session;
  const remoteAddress = newAddress();
  const statuses = [];
  for (const password of ['wrong', 'wrong']) {
    const headers = { authorization: `Bearer ${accessToken}` };
    const request = {
      method: 'DELETE',
      url: '/users/me',
      headers,
      body: { password },
      remoteAddress,
    } as const;
    statuses.push((await app.inject(request)).statusCode);
  }
  expect(statuses).toEqual([403, 429]);
});

test('the administrator cannot be deleted', async () => {
  const { app, ada: account } = await start();
  await app.database.user.update({ where: { id: account.id }, data: { role: 'admin' } });
  const response = await account.call('DELETE', '', { password: ada.password });
  expect([response.status, response.body.type]).toEqual([403, 'urn:meshmart:problem:forbidden']);
});
