import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrateDatabase, renderSchemaSql } from './migrate.ts';
import { provisionDatabase } from './provision.ts';

/**
 * Compares the schema that a service's migrations make with the one that `schema.prisma` declares, in two new
 * databases.
 *
 * @returns one line per difference, marked `-` (only in schema.prisma) or `+` (only in the migrations)
 */
export async function findSchemaDrift(adminUrl: string, prismaDirectory: string): Promise<string[]> {
  const [migrated, declared] = await Promise.all([newDatabase(adminUrl), newDatabase(adminUrl)]);
  await migrateDatabase(migrated, prismaDirectory);
  await execute(declared, await renderSchemaSql(declared, prismaDirectory));
  const [has, wants] = await Promise.all([describe(migrated), describe(declared)]);
  const missing = wants.filter((line) => !has.includes(line)).map((line) => `- ${line}`);
  const added = has.filter((line) => !wants.includes(line)).map((line) => `+ ${line}`);
  return [...missing, ...added];
}

function newDatabase(adminUrl: string): Promise<string> {
  return provisionDatabase(adminUrl, `drift_${randomBytes(6).toString('hex')}`, 'test');
}

/** Lists columns, indexes, foreign keys and enums, but nothing that Prisma lacks: CHECKs, partial indexes, triggers. */
async function describe(databaseUrl: string): Promise<string[]> {
  const rows = await execute(
    databaseUrl,
    `SELECT concat_ws(' ', table_name, column_name, udt_name, is_nullable, column_default) AS line
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'
       AND indexdef NOT LIKE '% WHERE %'
     UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'f'
     UNION ALL SELECT concat_ws(' ', typname, enumlabel) FROM pg_enum JOIN pg_type ON enumtypid = pg_type.oid
     ORDER BY 1`,
  );
  return rows.map(({ line }) => line);
}

async function execute(databaseUrl: string, sql: string): Promise<{ line: string }[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
