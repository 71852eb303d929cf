import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { Pool } from '../src/pool.ts';
import { provisionDatabase } from '../src/provision.ts';

const waitMs = 200;
const openingMs = 800;

let databaseUrl: string;
beforeAll(async () => {
  databaseUrl = await provisionDatabase(
    inject('databaseAdminUrl'),
    `t${randomBytes(6).toString('hex')}`,
    'test',
  );
});

function openPool(url: string, connections: number): Pool {
  const pool = new Pool(url, { connections, waitMs });
  onTestFinished(() => pool.end());
  return pool;
}

/** Puts a proxy before the server that opens connections more slowly than a caller waits. */
async function openSlowly(): Promise<string> {
  const { host, port } = new pg.Client({ connectionString: databaseUrl });
  const path = `${host}/.s.PGSQL.${port}`; // its Unix socket
  const slow = net.createServer(async (client) => {
    client.on('error', () => {});
    await sleep(openingMs);
    const server = net.connect(host.startsWith('/') ? { path } : { host, port });
    server.on('error', () => client.destroy());
    client.pipe(server).pipe(client);
  });
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  onTestFinished(() => void slow.close());
  const url = new URL(databaseUrl);
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${(slow.address() as net.AddressInfo).port}`;
  return url.href;
}

test('a connection that opens late goes to the next caller', async () => {
  const pool = openPool(await openSlowly(), 1);
  await expect(pool.query('SELECT 1')).rejects.toThrow('timeout exceeded when trying to connect');
  await sleep(openingMs);
  expect((await pool.query('SELECT 1')).rowCount).toBe(1);
  expect(pool.totalCount).toBe(1);
});

test('a caller gives up waiting for a busy connection in time and leaves it to the next caller', async () => {
  const pool = openPool(databaseUrl, 1);
  const client = await pool.connect();
  await expect(pool.connect()).rejects.toThrow('timeout exceeded when trying to connect');
  client.release();
  expect((await pool.query('SELECT 1')).rowCount).toBe(1);
});

test('a filled pool has three open connections before its first caller', async () => {
  const pool = openPool(databaseUrl, 10);
  await pool.fill();
  await pool.fill();
  expect([pool.totalCount, pool.idleCount]).toEqual([3, 3]);
});
