import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { setAdministrator } from '../src/users/set-administrator.ts';
import { ada, login, startApp } from './helper.ts';

const email = 'admin@meshmart.example';
const password = 'the first password';

async function start() {
  const { app, post, DATABASE_URL } = await startApp();
  const migrate = async (admin: typeof login) => {
    const env = { ...process.env, DATABASE_URL, ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password };
    await promisify(execFile)(process.execPath, ['src/migrate.ts'], {
      cwd: join(import.meta.dirname, '..'),
      env,
    });
  };
  const set = (admin = { email, password }) => setAdministrator(app.database, admin);
  /** @returns the role in the token, or the status of the refusal */
  const logIn = async (credentials: { email: string; password: string }) => {
    const response = await post('/sessions', credentials);
    return response.statusCode === 201 ? decodeJwt(response.json().accessToken).role : response.statusCode;
  };
  return { app, post, migrate, set, logIn };
}

test('the migration creates the administrator once, with the configured password', async () => {
  const { migrate, logIn } = await start();
  for (const password of ['first password', 'first password', 'second password']) {
    await migrate({ email, password });
    expect(await logIn({ email, password })).toBe('admin');
  }
  expect(await logIn({ email, password: 'first password' })).toBe(401);
});

test("the migration fails if the administrator's email belongs to a customer", async () => {
  const { post, set, logIn } = await start();
  await set();
  await post('/users', ada);
  await expect(set({ email: ada.email, password })).rejects.toThrow('ADMIN_EMAIL is the email of a customer');
  expect(await logIn(login)).toBe('customer');
  expect(await logIn({ email: ada.email, password })).toBe(401);
  expect(await logIn({ email, password }), 'who was it stays it').toBe('admin');
});

test('another email makes another administrator; the former one becomes a customer, and its sessions end', async () => {
  const { app, post, set, logIn } = await start();
  await set();
  const { refreshToken } = (await post('/sessions', { email, password })).json();
  const next = { email: 'boss@meshmart.example', password };
  await set(next);
  expect(await logIn(next)).toBe('admin');
  expect(await app.database.user.count({ where: { role: 'admin' } })).toBe(1);
  expect((await post('/sessions/refresh', { refreshToken })).statusCode).toBe(401);
  expect(await logIn({ email, password })).toBe('customer');
  await set(); // and back: the configured password is the account's own
  expect([await logIn({ email, password }), await logIn(next)]).toEqual(['admin', 'customer']);
});
