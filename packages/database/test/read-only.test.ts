import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { provisionDatabase } from '../src/provision.ts';
import { openReader } from '../src/read-only.ts';

async function createCups(): Promise<{ url: string; add(colour: string): Promise<void> }> {
  const name = `t${Math.random().toString(36).slice(2)}`;
  const url = await provisionDatabase(inject('databaseAdminUrl'), name, 'test');
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run('CREATE TABLE cups (colour TEXT)');
  return { url, add: (colour) => run(`INSERT INTO cups VALUES ('${colour}')`) };
}

test('reads and refuses to write, even as the owner of the database', async () => {
  const { url, add } = await createCups();
  await add('red');
  await using reader = await openReader(url);
  expect(await reader.query('SELECT colour FROM cups')).toEqual([{ colour: 'red' }]);
  await expect(reader.query("INSERT INTO cups VALUES ('blue')")).rejects.toThrow('read-only transaction');
  const write = reader.readSnapshot((query) => query('DELETE FROM cups'));
  await expect(write).rejects.toThrow('read-only transaction');
});

test('the queries of a snapshot see the same data, and the next snapshot sees newer data', async () => {
  const { url, add } = await createCups();
  await using reader = await openReader(url);
  const count = 'SELECT count(*)::int AS cups FROM cups';
  const [before, after] = await reader.readSnapshot(async (query) => {
    const first = await query(count);
    await add('red');
    return [first, await query(count)];
  });
  expect([before, after]).toEqual([[{ cups: 0 }], [{ cups: 0 }]]);
  expect(await reader.readSnapshot((query) => query(count))).toEqual([{ cups: 1 }]);
});
