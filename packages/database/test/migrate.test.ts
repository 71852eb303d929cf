import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { migrateDatabase } from '../src/migrate.ts';
import { provisionDatabase } from '../src/provision.ts';
import { findSchemaDrift } from '../src/schema-drift.ts';

const SCHEMA = `
datasource db {
  provider = "postgresql"
}
model Cup {
  id     Int    @id
  colour String
}
`;
const CREATE =
  'CREATE TABLE "Cup" ("id" INTEGER NOT NULL, "colour" TEXT NOT NULL, CONSTRAINT "Cup_pkey" PRIMARY KEY ("id"));';

/** Creates a `prisma` folder with one model, and a database. */
async function setUp(sql = CREATE) {
  const directory = await mkdtemp(join(tmpdir(), 'meshmart-prisma-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const addMigration = async (name: string, text: string) => {
    await mkdir(join(directory, 'migrations', name), { recursive: true });
    await writeFile(join(directory, 'migrations', name, 'migration.sql'), text);
  };
  await addMigration('1_init', sql);
  await writeFile(join(directory, 'schema.prisma'), SCHEMA);
  await writeFile(join(directory, 'migrations/migration_lock.toml'), 'provider = "postgresql"');
  const name = `t${Math.random().toString(36).slice(2)}`;
  const url = await provisionDatabase(inject('databaseAdminUrl'), name, 'test');
  return { directory, url, addMigration };
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client
    .query(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

test('applies pending migrations once, however many replicas start together', async () => {
  const { directory, url, addMigration } = await setUp();
  const applied = await Promise.all([1, 2, 3].map(() => migrateDatabase(url, directory)));
  expect(applied.flat()).toEqual(['1_init']);

  await addMigration('2_size', 'ALTER TABLE "Cup" ADD COLUMN "size" INTEGER;');
  expect(await migrateDatabase(url, directory)).toEqual(['2_size']);
  expect(await migrateDatabase(url, directory)).toEqual([]);
  expect(await query(url, 'SELECT migration_name FROM _prisma_migrations ORDER BY 1')).toEqual([
    { migration_name: '1_init' },
    { migration_name: '2_size' },
  ]);
});

test('a migration is atomic, and may contain functions and comments with semicolons', async () => {
  const body = 'CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$; -- a; b';
  const good = await setUp(`${CREATE} ${body}`);
  await migrateDatabase(good.url, good.directory);
  expect(await query(good.url, 'SELECT one()')).toEqual([{ one: 1 }]);

  const half = await setUp(`${CREATE} INSERT INTO nowhere VALUES (1);`);
  await expect(migrateDatabase(half.url, half.directory)).rejects.toThrow(/nowhere/);
  expect(await query(half.url, `SELECT to_regclass('"Cup"') AS cup`)).toEqual([{ cup: null }]);
});

test('waits until the service has a role and a database', async () => {
  const { directory } = await setUp();
  const admin = inject('databaseAdminUrl');
  const name = `late${Math.random().toString(36).slice(2)}`;
  const url = new URL(admin);
  Object.assign(url, { username: `meshmart_${name}`, password: 'test', pathname: `/meshmart_${name}` });
  const migrating = migrateDatabase(url.href, directory);
  await sleep(300);
  await provisionDatabase(admin, name, 'test');
  expect(await migrating).toEqual(['1_init']);
});

test('seeds under the same lock', async () => {
  const { directory, url } = await setUp();
  const seed = async () => {
    const [row] = (await query(url, 'SELECT count(*)::int AS n FROM "Cup"')) as { n: number }[];
    if (row?.n === 0) await query(url, `INSERT INTO "Cup" VALUES (1, 'blue')`);
  };
  await Promise.all([1, 2, 3].map(() => migrateDatabase(url, directory, seed)));
  expect(await query(url, 'SELECT * FROM "Cup"')).toEqual([{ id: 1, colour: 'blue' }]);
});

test('stops at a migration that fails, and at one that was edited after it was applied', async () => {
  const broken = await setUp('CREATE TABLE oops (');
  await expect(migrateDatabase(broken.url, broken.directory)).rejects.toThrow(/syntax error/);

  const { directory, url } = await setUp();
  await migrateDatabase(url, directory);
  const path = join(directory, 'migrations/1_init/migration.sql');
  await writeFile(path, `${await readFile(path, 'utf8')} -- edited`);
  await expect(migrateDatabase(url, directory)).rejects.toThrow(
    'applied migrations must not be edited: 1_init',
  );
});

test('finds differences between migrations and schema.prisma', async () => {
  const admin = inject('databaseAdminUrl');
  expect(await findSchemaDrift(admin, (await setUp()).directory)).toEqual([]);
  const { directory } = await setUp(CREATE.replace('"colour" TEXT NOT NULL', '"colour" TEXT'));
  expect(await findSchemaDrift(admin, directory)).toEqual(['- Cup colour text NO', '+ Cup colour text YES']);
});

test("a service's role cannot connect to another service's database", async () => {
  const [one, other] = [await setUp(), await setUp()];
  const trespass = new URL(one.url);
  trespass.pathname = new URL(other.url).pathname;
  await expect(query(trespass.href, 'SELECT 1')).rejects.toThrow(/permission denied for database/);
});

test('a migration that waits for a lock does not block readers, and is applied in the end', async () => {
  const { directory, url, addMigration } = await setUp();
  await migrateDatabase(url, directory);
  const reader = new pg.Client({ connectionString: url });
  await reader.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT FROM "Cup"'); // such as a long report
  await addMigration('2_size', 'ALTER TABLE "Cup" ADD COLUMN "size" INTEGER;');

  const applied = migrateDatabase(url, directory);
  applied.catch(() => {}); // awaited below
  const waited: number[] = [];
  for (const until = Date.now() + 6000; Date.now() < until; ) {
    const startedAt = performance.now();
    await query(url, 'SELECT FROM "Cup"');
    waited.push(performance.now() - startedAt);
    await sleep(50);
  }
  await reader.query('COMMIT');
  await reader.end();
  expect(await applied).toEqual(['2_size']);
  expect(Math.max(...waited)).toBeLessThan(4500); // without retries it would queue behind the migration for 6 s
});
