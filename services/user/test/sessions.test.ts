import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { forgetOldSessions } from '../src/sessions/repository.ts';
import { ada, login, startApp } from './helper.ts';

/** Starts two replicas; Ada is logged in. */
async function logIn() {
  const { startReplica, ...first } = await startApp();
  const second = await startReplica();
  const { id } = (await first.post('/users', ada)).json();
  const session = (await first.post('/sessions', login)).json();
  const { database } = first.app;
  const refresh = async (refreshToken: string, { post }: Pick<typeof first, 'post'> = first) => {
    const response = await post('/sessions/refresh', { refreshToken });
    return { status: response.statusCode, ...response.json() };
  };
  /** Makes all sessions so much older. */
  const age = (ms: number) =>
    database.$executeRaw`UPDATE sessions SET created_at = created_at - make_interval(secs => ${ms / 1000}),
      rotated_at = rotated_at - make_interval(secs => ${ms / 1000}),
      expires_at = expires_at - make_interval(secs => ${ms / 1000})`;
  return { ...first, second, id, session, database, refresh, age };
}

const DAY_MS = 86_400_000;

test('a refresh returns a new access token and refresh token, and must not be cached', async () => {
  const { post, session, id, database } = await logIn();
  const response = await post('/sessions/refresh', { refreshToken: session.refreshToken });
  expect([response.statusCode, response.headers['cache-control'], response.json()]).toEqual([
    200,
    'no-store',
    {
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresInS: 600,
      refreshToken: expect.stringMatching(/^[\w-]{64}$/),
      refreshExpiresInS: 7 * 24 * 3600,
    },
  ]);
  expect(response.json().refreshToken).not.toBe(session.refreshToken);
  const { iat = 0, exp = 0, ...claims } = decodeJwt(response.json().accessToken);
  expect([claims.sub, claims.role, exp - iat]).toEqual([id, 'customer', 600]);

  const row = JSON.stringify(await database.session.findFirstOrThrow());
  for (const token of [session.refreshToken, response.json().refreshToken]) {
    const secret = Buffer.from(token, 'base64url').subarray(16);
    expect(row).not.toContain(JSON.stringify(new Uint8Array(secret)));
    expect(row).not.toContain(secret.toString('base64'));
  }
});

test('a repeated refresh, on any replica and at once, returns the same successor until that is used', async () => {
  const { session, second, refresh } = await logIn();
  const responses = await Promise.all(
    Array.from({ length: 12 }, (_, i) => refresh(session.refreshToken, i % 2 ? second : undefined)),
  );
  const successors = new Set(responses.map(({ refreshToken }) => refreshToken));
  expect([new Set(responses.map(({ status }) => status)), successors.size]).toEqual([new Set([200]), 1]);

  const { refreshToken } = responses[0];
  const next = await refresh(refreshToken, second);
  expect(next.status).toBe(200);
  expect((await refresh(session.refreshToken)).status).toBe(401);
  expect((await refresh(next.refreshToken)).status, 'the family has ended').toBe(401);
});

test('a refresh token that is used again after 30 s ends its session, but no other', async () => {
  const { session, post, refresh, age, database } = await logIn();
  const other = (await post('/sessions', login)).json();
  const { refreshToken } = await refresh(session.refreshToken);
  await age(29_000);
  expect((await refresh(session.refreshToken)).refreshToken).toBe(refreshToken);
  await age(2000);
  const reused = await refresh(session.refreshToken);
  expect([reused.status, reused.type]).toEqual([401, 'urn:meshmart:problem:session-ended']);
  expect((await refresh(refreshToken)).status).toBe(401);
  expect((await refresh(other.refreshToken)).status).toBe(200);
  expect(await database.session.count()).toBe(1);
});

test('a session ends a week after its last refresh and a month after its login, and is then deleted', async () => {
  const { session, refresh, age, database } = await logIn();
  let token = session.refreshToken;
  for (let week = 0; week < 4; week++) {
    await age(6.9 * DAY_MS);
    const response = await refresh(token);
    expect(response.status).toBe(200);
    token = response.refreshToken;
    if (week === 3) expect(response.refreshExpiresInS / 86_400).toBeCloseTo(30 - 4 * 6.9, 2);
  }
  expect(await forgetOldSessions(database)).toBe(0);
  await age(2.5 * DAY_MS);
  expect((await refresh(token)).status).toBe(401);
  expect(await forgetOldSessions(database)).toBe(1);
  expect(await database.session.count()).toBe(0);
});

test('a session without a refresh for a week has ended', async () => {
  const { session, refresh, age } = await logIn();
  await age(7 * DAY_MS);
  expect((await refresh(session.refreshToken)).status).toBe(401);
});

test('logging out ends the session, even with an exchanged token, and is idempotent', async () => {
  const { session, post, refresh } = await logIn();
  const { refreshToken } = await refresh(session.refreshToken);
  for (const token of [session.refreshToken, session.refreshToken, 'never seen']) {
    const response = await post('/sessions/revoke', { refreshToken: token });
    expect([response.statusCode, response.body]).toEqual([204, '']);
  }
  expect((await refresh(refreshToken)).status).toBe(401);
});

test.each(['', 'short', 'a'.repeat(64), `${'a'.repeat(63)}.`, 'a'.repeat(200)])(
  'refuses %j',
  async (token) => {
    const { refresh, database } = await logIn();
    expect((await refresh(token)).status).toBe(token === '' ? 400 : 401);
    expect(await database.session.count()).toBe(1);
  },
);

test('ten refreshes, each sent twice at once as by a proxy, keep one session', async () => {
  const { session, second, refresh } = await logIn();
  let token = session.refreshToken;
  for (let round = 0; round < 10; round++) {
    const [first, again] = await Promise.all([refresh(token), refresh(token, second)]);
    expect([first.status, again.refreshToken]).toEqual([200, first.refreshToken]);
    token = first.refreshToken;
  }
});
