import { expect, test } from 'vitest';
import { accountOf } from '../src/sessions/login-attempts.ts';
import { forgetOldSessions } from '../src/sessions/repository.ts';
import { ada, login, startApp } from './helper.ts';

const wrong = { ...login, password: 'wrong' };
const nobody = { email: 'nobody@meshmart.example', password: 'wrong' };
const HOUR_MS = 3_600_000;

/** An app with Ada's account, and a second instance of it. */
async function startTwo() {
  const { startReplica, ...first } = await startApp();
  const second = await startReplica();
  await first.post('/users', ada);
  const attempts = () => first.app.database.loginAttempts.findMany();
  const unlock = () =>
    first.app.database.loginAttempts.updateMany({ data: { lockedUntil: new Date(Date.now() - 1000) } });
  return { ...first, second, attempts, unlock };
}

type Post = Awaited<ReturnType<typeof startApp>>['post'];
async function fail(posts: Post[], times: number, body = wrong): Promise<void> {
  for (let i = 0; i < times; i++) await posts[i % posts.length]?.('/sessions', body);
}

test('ten failures in a row lock the account at every replica, for a quarter of an hour and then for longer', async () => {
  const { app, post, second, attempts, unlock } = await startTwo();
  const lockedForMin = async () => {
    const [row] = await attempts();
    return row?.lockedUntil && Math.ceil((row.lockedUntil.getTime() - Date.now()) / 60_000);
  };
  await fail([post, second.post], 9);
  expect(await lockedForMin()).toBeNull();
  await fail([second.post], 1);
  const refused = await post('/sessions', login);
  expect([refused.statusCode, await lockedForMin()]).toEqual([401, 15]);
  expect(refused.json()).toEqual((await second.post('/sessions', wrong)).json());
  expect((await attempts())[0]?.failures).toBe(10); // while it is locked, nothing counts

  const lengths: unknown[] = [];
  for (const failures of [19, 29, 39, 49, 59]) {
    await app.database.loginAttempts.updateMany({ data: { failures, lockedUntil: null } });
    await fail([post], 1);
    lengths.push(await lockedForMin());
  }
  expect(lengths).toEqual([30, 60, 120, 240, 240]);
  await unlock();
  expect((await post('/sessions', login)).statusCode).toBe(201);
  expect((await attempts()).map(({ failures, lockedUntil }) => [failures, lockedUntil])).toEqual([[0, null]]);
});

test('the right password before the tenth failure begins the count anew', async () => {
  const { post } = await startTwo();
  await fail([post], 9);
  expect((await post('/sessions', login)).statusCode).toBe(201);
  await fail([post], 9);
  expect((await post('/sessions', login)).statusCode).toBe(201);
});

test('of many guesses at once, over two replicas, ten are decided before the lock', async () => {
  const { post, second, attempts } = await startTwo();
  const guesses = Array.from({ length: 30 }, (_, i) => (i % 2 ? post : second.post)('/sessions', wrong));
  await Promise.all(guesses);
  expect(await attempts()).toMatchObject([{ failures: 10, lockedUntil: expect.any(Date) }]);
  expect((await post('/sessions', login)).statusCode).toBe(401);
});

test('many right logins at once all get in', async () => {
  const { post, second } = await startTwo();
  const logins = Array.from({ length: 20 }, (_, i) => (i % 2 ? post : second.post)('/sessions', login));
  const statuses = (await Promise.all(logins)).map(({ statusCode }) => statusCode);
  expect(new Set(statuses)).toEqual(new Set([201]));
});

test('a known and an unknown user, locked or not, get the same answer and are counted alike', async () => {
  const { app, post, attempts } = await startTwo();
  const strip = (answer: Awaited<ReturnType<Post>>) => {
    const { date, ...headers } = answer.headers;
    return [answer.statusCode, headers, answer.body];
  };
  const answers = [strip(await post('/sessions', wrong)), strip(await post('/sessions', nobody))];
  await fail([post], 9);
  await fail([post], 9, nobody);
  answers.push(strip(await post('/sessions', login)), strip(await post('/sessions', nobody)));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  const rows = await attempts();
  expect(rows.map(({ failures, lockedUntil }) => [failures, lockedUntil !== null])).toEqual([
    [10, true],
    [10, true],
  ]);
  expect(await app.database.loginAttempts.count({ where: { account: accountOf(nobody.email) } })).toBe(1);
});

test('a count is forgotten after a day in which nobody tried', async () => {
  const { app, post, attempts } = await startTwo();
  await fail([post], 1);
  await fail([post], 1, nobody);
  await app.database.loginAttempts.update({
    where: { account: accountOf(nobody.email) },
    data: { lastAt: new Date(Date.now() - 24.1 * HOUR_MS) },
  });
  expect(await forgetOldSessions(app.database)).toBe(1);
  expect(await attempts()).toMatchObject([{ failures: 1 }]);
});

test('a flood of logins: what is too much is refused at once, and other routes do not wait for the rest', async () => {
  const { app, post } = await startTwo();
  const { accessToken } = (await post('/sessions', login)).json();
  const ended: string[] = [];
  const note = <T>(name: string, answer: Promise<T>) => answer.finally(() => ended.push(name));
  const flood = Array.from({ length: 100 }, () => note('login', post('/sessions', login)));
  await Promise.race(flood); // the queue is full by now
  const headers = { authorization: `Bearer ${accessToken}` };
  const others = Array.from({ length: 20 }, () =>
    note('other', Promise.resolve(app.inject({ url: '/users/me', headers }))),
  );
  const answers = await Promise.all(flood);
  expect((await Promise.all(others)).map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));

  const refused = answers.filter(({ statusCode }) => statusCode === 429);
  const accepted = answers.filter(({ statusCode }) => statusCode === 201);
  expect(refused.length + accepted.length).toBe(100);
  expect(accepted.length).toBeGreaterThanOrEqual(33);
  expect(refused[0]?.headers['retry-after']).toBe('2');
  expect(refused[0]?.json().type).toBe('urn:meshmart:problem:too-busy');
  // Most of the accepted logins were still waiting when the last of the other routes had answered.
  const after = ended.slice(ended.lastIndexOf('other'));
  expect(after.filter((name) => name === 'login').length).toBeGreaterThan(accepted.length / 2);
});
