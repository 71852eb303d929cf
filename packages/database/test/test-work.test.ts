import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { countWork, ORDER_COST } from '../src/test-work.ts';

test('an order costs at most 35 statements and 8 commits that wait for the disk', () => {
  const costs = Object.values(ORDER_COST);
  const sum = (member: 'statements' | 'commits') => costs.reduce((total, cost) => total + cost[member], 0);
  expect(sum('statements')).toBeLessThanOrEqual(35);
  expect(sum('commits')).toBeLessThanOrEqual(8);
});

test('a read costs no commit; a write or a transaction costs one, unless it does not wait for the flush', async () => {
  const pool = new pg.Pool({ connectionString: inject('databaseAdminUrl'), max: 1 });
  onTestFinished(() => pool.end());
  await pool.query('CREATE TABLE counted (value int)');
  onTestFinished(async () => void (await pool.query('DROP TABLE counted')));
  const insert = 'INSERT INTO counted VALUES (1)';
  expect(await countWork(() => pool.query('SELECT FROM counted'))).toEqual({
    statements: 1,
    commits: 0,
    unflushed: 0,
  });
  expect(await countWork(() => pool.query(insert))).toEqual({ statements: 1, commits: 1, unflushed: 0 });
  const unflushed = `${insert} RETURNING set_config('synchronous_commit', 'off', true)`;
  expect(await countWork(() => pool.query(unflushed))).toEqual({ statements: 1, commits: 0, unflushed: 1 });
  const transaction = async () => {
    const client = await pool.connect();
    for (const sql of ['BEGIN', insert, insert, 'COMMIT']) await client.query(sql);
    client.release();
  };
  expect(await countWork(transaction)).toEqual({ statements: 4, commits: 1, unflushed: 0 });
});
