import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { createAdapter } from '../src/adapter.ts';
import { Pool } from '../src/pool.ts';
import { provisionDatabase } from '../src/provision.ts';

test('reads times correctly from a server in another time zone, and waits less than a caller does', async () => {
  const url = await provisionDatabase(
    inject('databaseAdminUrl'),
    `t${randomBytes(6).toString('hex')}`,
    'test',
  );
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(`ALTER ROLE CURRENT_USER SET timezone TO 'Asia/Tokyo'`).finally(() => owner.end());

  const adapter = await createAdapter(new Pool(url)).connect();
  const sql = `SELECT current_setting('timezone') AS zone, timestamptz '2026-01-01 12:00:00+00' AS moment,
    current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
    current_setting('idle_in_transaction_session_timeout') AS idle`;
  const { rows } = await adapter.queryRaw({ sql, args: [], argTypes: [] });
  await adapter.dispose();
  expect(rows).toEqual([['UTC', '2026-01-01T12:00:00+00:00', '2s', '1s', '5s']]);
});
