import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { waitForDatabase } from './provision.ts';
import { withSchemaEngine } from './schema-engine.ts';

/** An arbitrary constant that all migrating processes share. */
const MIGRATION_LOCK = 7_218_437;
/** Long, because on a cluster a service and its server start at the same time. */
const SERVER_TIMEOUT_MS = 60_000;
/** A migration that waits for a lock blocks all later statements; the pauses between attempts let them run. */
const LOCK_ATTEMPTS = 20;
const LOCK_PAUSE_MS = 1000;
const NO_FILTER = { externalTables: [], externalEnums: [] };

/**
 * Applies all pending migrations, then runs `seed`, both under one advisory lock, so that replicas that start together
 * take turns. Records migrations in `_prisma_migrations`, as `prisma migrate deploy` does. A migration that cannot get
 * its locks within 2 s is retried up to 20 times, to let the running store proceed.
 *
 * @param prismaDirectory the service's `prisma` folder: `schema.prisma` and `migrations/<name>/migration.sql`
 * @returns the names of the migrations that were applied now
 * @throws if a migration fails (the message contains its SQL error), if an applied migration was edited, or if the
 *   server does not respond for 60 s
 */
export async function migrateDatabase(
  databaseUrl: string,
  prismaDirectory: string,
  seed: () => Promise<void> = async () => {},
): Promise<string[]> {
  await waitForDatabase(databaseUrl, SERVER_TIMEOUT_MS);
  const lock = new pg.Client({ connectionString: databaseUrl });
  lock.on('error', () => {}); // the migration or the seed reports a lost server
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied = await applyMigrations(databaseUrl, prismaDirectory);
    await seed();
    return applied;
  } finally {
    await lock.end();
  }
}

async function applyMigrations(databaseUrl: string, prismaDirectory: string): Promise<string[]> {
  const migrationsList = await readMigrations(join(prismaDirectory, 'migrations'));
  return withSchemaEngine(databaseUrl, await readSchema(prismaDirectory), async (engine) => {
    const { editedMigrationNames } = await engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: false,
      filters: NO_FILTER,
    });
    if (editedMigrationNames.length > 0) {
      const names = editedMigrationNames.join(', ');
      throw new Error(`applied migrations must not be edited: ${names}; add a new one instead`);
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return (await engine.applyMigrations({ migrationsList, filters: NO_FILTER })).appliedMigrationNames;
      } catch (error) {
        if (attempt === LOCK_ATTEMPTS || !/lock timeout/.test(String((error as Error).message))) throw error;
        // PostgreSQL has rolled the migration back, but the engine has to be told.
        const { failedMigrationNames } = await engine.diagnoseMigrationHistory({
          migrationsList,
          optInToShadowDatabase: false,
          filters: NO_FILTER,
        });
        for (const migrationName of failedMigrationNames)
          await engine.markMigrationRolledBack({ migrationName });
        await sleep(LOCK_PAUSE_MS);
      }
    }
  });
}

/**
 * Returns the SQL that creates `schema.prisma` in an empty database. Needs a connection, but reads no data.
 */
export async function renderSchemaSql(databaseUrl: string, prismaDirectory: string): Promise<string> {
  const schema = await readSchema(prismaDirectory);
  return withSchemaEngine(databaseUrl, schema, async (engine) => {
    const { stdout } = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: schema.path, content: schema.text }] },
      script: true,
      exitCode: null,
      filters: NO_FILTER,
    });
    return stdout ?? '';
  });
}

async function readSchema(prismaDirectory: string) {
  const path = join(prismaDirectory, 'schema.prisma');
  return { path, text: await readFile(path, 'utf8') };
}

async function readMigrations(baseDir: string) {
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const readMigration = async (name: string) => ({
    path: name,
    migrationFile: {
      path: 'migration.sql',
      content: { tag: 'ok' as const, value: await readFile(join(baseDir, name, 'migration.sql'), 'utf8') },
    },
  });
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: await readFile(join(baseDir, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(names.sort().map(readMigration)),
  };
}
