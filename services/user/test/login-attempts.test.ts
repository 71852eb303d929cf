import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { accountOf, FAILURES_PER_ACCOUNT, FAILURES_PER_ADDRESS } from '../src/sessions/login-attempts.ts';
import { forgetOldSessions } from '../src/sessions/repository.ts';
import { ada, login, newAddress, startApp } from './helper.ts';

const wrong = { ...login, password: 'wrong' };
const nobody = { email: 'nobody@meshmart.example', password: 'wrong' };
const TOO_MANY = 'urn:meshmart:problem:too-many-attempts';

// The test decides how long a second lasts, even on a busy machine. The database has its own clock.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());
const nextSecond = () => vi.setSystemTime(Date.now() + 1000);

/** Starts two replicas; Ada has logged in from `home`. */
async function startTwo() {
  const { startReplica, ...first } = await startApp();
  const second = await startReplica();
  await first.post('/users', ada);
  const { database } = first.app;
  const home = newAddress();
  await first.post('/sessions', login, home);
  const attempts = () => database.loginAttempts.findMany();
  const addresses = () => database.loginAddress.findMany({ where: { knownUntil: null } });
  /** Makes all counts so much older. */
  const age = async (minutes: number) => {
    await database.$executeRaw`UPDATE login_attempts SET last_at = last_at - make_interval(mins => ${minutes}::int)`;
    await database.$executeRaw`UPDATE login_addresses SET last_at = last_at - make_interval(mins => ${minutes}::int),
      known_until = known_until - make_interval(mins => ${minutes}::int)`;
  };
  return { ...first, database, second, home, attempts, addresses, age };
}

type Post = Awaited<ReturnType<typeof startApp>>['post'];
/** Spreads attempts over seconds, because of the limit per second. */
async function fail(
  posts: Post[],
  times: number,
  { body = wrong, from = newAddress() } = {},
): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) {
    nextSecond();
    statuses.push((await (posts[i % posts.length] as Post)('/sessions', body, from)).statusCode);
  }
  return statuses;
}

/** Sends simultaneous requests that arrive one after the other, as from a network. */
async function sendAll<T>(count: number, send: (i: number) => Promise<T>): Promise<T[]> {
  const responses: Promise<T>[] = [];
  for (let i = 0; i < count; i++) {
    responses.push(send(i));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Promise.all(responses);
}

test('after ten wrong passwords, the correct one logs in from the same address and from another', async () => {
  const { database, post } = await startTwo();
  await database.user.updateMany({ data: { role: 'admin' } });
  const stranger = newAddress();
  expect(await fail([post], 10, { from: stranger })).toEqual(Array(10).fill(401));
  expect((await post('/sessions', login)).statusCode).toBe(201);
  expect((await post('/sessions', login, stranger)).statusCode).toBe(201);
});

test('an address with too many failures at an account waits, on any replica; no other address does', async () => {
  const { database, post, second, home, age } = await startTwo();
  const stranger = newAddress();
  await fail([post], 1, { from: stranger });
  await database.loginAddress.updateMany({
    where: { knownUntil: null },
    data: { failures: FAILURES_PER_ADDRESS - 1 },
  });
  expect(await fail([second.post], 2, { from: stranger })).toEqual([401, 429]);
  const refused = await post('/sessions', login, stranger);
  expect([refused.statusCode, refused.json().type, refused.headers['retry-after']]).toEqual([
    429,
    TOO_MANY,
    '60',
  ]);
  expect((await post('/sessions', login, home)).statusCode).toBe(201);
  expect((await post('/sessions', login)).statusCode).toBe(201);
  await age(1);
  expect(await fail([post], 2, { from: stranger }), 'one a minute').toEqual([401, 429]);
  await age(1);
  expect((await post('/sessions', login, stranger)).statusCode).toBe(201);
  expect(await fail([post], 1, { from: stranger }), 'and the count begins anew').toEqual([401]);
});

test('failures from a hundred addresses block these, but neither a known nor a new address of the owner', async () => {
  const { post, second, home, attempts, age } = await startTwo();
  const strangers = Array.from({ length: FAILURES_PER_ACCOUNT }, newAddress);
  const statuses = new Set<number>();
  for (const [i, from] of strangers.entries()) {
    statuses.add((await (i % 2 ? post : second.post)('/sessions', wrong, from)).statusCode);
  }
  expect(statuses).toEqual(new Set([401]));
  expect(await attempts()).toMatchObject([{ failures: FAILURES_PER_ACCOUNT }]);
  expect(await fail([post, second.post], 2, { from: strangers[0] as string })).toEqual([429, 429]);
  expect((await post('/sessions', login, strangers[1])).statusCode).toBe(429);

  expect(await fail([post], 2, { from: home }), 'the owner mistypes').toEqual([401, 401]);
  expect((await post('/sessions', login, home)).statusCode).toBe(201);
  expect((await post('/sessions', login)).statusCode).toBe(201);
  const unknown = newAddress();
  expect(await fail([post], 2, { from: unknown }), 'a guess for each new address').toEqual([401, 429]);
  await age(15 * 2);
  expect((await post('/sessions', login, unknown)).statusCode).toBe(201);
});

test('simultaneous guesses from one address on two replicas do not exceed its limit', async () => {
  const { database, post, second, addresses } = await startTwo();
  const from = newAddress();
  await fail([post], 1, { from });
  await database.loginAddress.updateMany({ data: { failures: FAILURES_PER_ADDRESS - 3 } });
  const guesses = Array.from({ length: 5 }, (_, i) => (i % 2 ? post : second.post)('/sessions', wrong, from));
  const statuses = (await Promise.all(guesses)).map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 401)).toHaveLength(3);
  expect(await addresses()).toMatchObject([{ failures: FAILURES_PER_ADDRESS }]);
});

test('many simultaneous correct logins all succeed', async () => {
  const { post, second } = await startTwo();
  const logins = Array.from({ length: 5 }, (_, i) => (i % 2 ? post : second.post)('/sessions', login));
  const statuses = (await Promise.all(logins)).map(({ statusCode }) => statusCode);
  expect(new Set(statuses)).toEqual(new Set([201]));
});

test('five passwords per second and three at once are verified for an address, over all routes', async () => {
  const { app, post } = await startApp();
  await post('/users', ada);
  const [stranger, neighbour] = ['2001:db8:ffff::1', '2001:db8:ffff::2'];
  const responses = await sendAll(50, (i) =>
    i % 2 ? post('/sessions', wrong, stranger) : post('/users', ada, neighbour),
  );
  const refused = responses.filter(({ statusCode }) => statusCode === 429);
  expect(refused.length).toBeGreaterThanOrEqual(45);
  expect(refused.length).toBeLessThanOrEqual(47);
  expect(refused[0]?.json().type).toBe(TOO_MANY);
  expect(Number(refused[0]?.headers['retry-after'])).toBe(1);
  const counts = await app.database.loginAttempts.findMany();
  expect(counts.map(({ failures }) => failures)).toEqual([
    responses.filter((one) => one.statusCode === 401).length,
  ]);
  expect((await post('/sessions', login)).statusCode).toBe(201);

  for (let second = 0; second < 3; second++) {
    nextSecond();
    const inTurn = [];
    for (let i = 0; i < 6; i++) inTurn.push((await post('/sessions', nobody, stranger)).statusCode);
    expect(inTurn).toEqual([401, 401, 401, 401, 401, 429]);
  }
});

test('a client cannot choose the address of its attempts by a header', async () => {
  const { app } = await startApp();
  const attempt = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/sessions', body: nobody, headers, remoteAddress: '192.0.2.1' });
  const count = async (headersOf: (i: number) => Record<string, string>) => {
    const responses = [];
    for (let i = 0; i < 10; i++) responses.push(await attempt(headersOf(i)));
    return responses.filter(({ statusCode }) => statusCode === 401).length;
  };
  const identity = { 'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/meshmart/sa/gateway' };
  const visitor = (address: string) => ({ ...identity, 'x-forwarded-for': address });
  expect(await count((i) => ({ 'x-forwarded-for': `192.0.2.${i}` })), 'past the mesh').toBe(5);
  expect(await count((i) => visitor(`192.0.2.${i}, 203.0.113.7`)), 'through the gateway').toBe(5);
  expect(await count((i) => visitor(`203.0.113.1${i}`)), 'ten visitors').toBe(10);
});

test('known and unknown users get the same responses and are counted alike', async () => {
  const { database, post } = await startTwo();
  const strip = (response: Awaited<ReturnType<Post>>) => {
    const { date, ...headers } = response.headers;
    return [response.statusCode, headers, response.body];
  };
  const from = newAddress();
  expect(strip(await post('/sessions', wrong, from))).toEqual(strip(await post('/sessions', nobody, from)));
  await database.loginAddress.updateMany({
    where: { knownUntil: null },
    data: { failures: FAILURES_PER_ADDRESS },
  });
  const refused = [wrong, nobody, login].map(async (body) => strip(await post('/sessions', body, from)));
  const [first, ...others] = await Promise.all(refused);
  expect(first?.[0]).toBe(429);
  for (const response of others) expect(response).toEqual(first);
  const rows = await database.loginAttempts.findMany();
  expect(rows.map(({ failures }) => failures)).toEqual([1, 1]);
  expect(await database.loginAttempts.count({ where: { account: accountOf(nobody.email) } })).toBe(1);
});

test("failures are deleted after a day, the owner's address after a month", async () => {
  const { database, post, attempts, addresses, age } = await startTwo();
  await fail([post], 1, { body: nobody });
  await age(24 * 60 + 5);
  await fail([post], 1);
  expect(await forgetOldSessions(database)).toBe(2);
  expect([(await attempts()).length, (await addresses()).length]).toEqual([1, 1]);
  expect(await database.loginAddress.count()).toBe(2);
  await age(30 * 24 * 60);
  await forgetOldSessions(database);
  expect(await database.loginAddress.count()).toBe(0);
});

test('in a flood of logins, the excess is refused at once, and other routes do not wait', async () => {
  const { app, post } = await startTwo();
  const { accessToken } = (await post('/sessions', login)).json();
  const ended: string[] = [];
  const note = <T>(name: string, response: Promise<T>) => response.finally(() => ended.push(name));
  const flood = Array.from({ length: 100 }, () => note('login', post('/sessions', login)));
  await Promise.race(flood); // the queue is full by now
  const headers = { authorization: `Bearer ${accessToken}` };
  const others = Array.from({ length: 20 }, () =>
    note('other', Promise.resolve(app.inject({ url: '/users/me', headers }))),
  );
  const responses = await Promise.all(flood);
  expect((await Promise.all(others)).map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));

  const refused = responses.filter(({ statusCode }) => statusCode === 429);
  const accepted = responses.filter(({ statusCode }) => statusCode === 201);
  expect(refused.length + accepted.length).toBe(100);
  expect(accepted.length).toBeGreaterThan(1);
  expect(refused[0]?.headers['retry-after']).toBe('2');
  expect(refused[0]?.json().type).toBe('urn:meshmart:problem:too-busy');
  // Most accepted logins were still waiting when the other routes had responded.
  const after = ended.slice(ended.lastIndexOf('other'));
  expect(after.filter((name) => name === 'login').length).toBeGreaterThan(accepted.length / 2);
});
