import { fileURLToPath } from 'node:url';
import { createAdapter } from '@meshmart/database/adapter';
import { migrateDatabase } from '@meshmart/database/migrate';
import { Pool } from '@meshmart/database/pool';
import { PrismaClient } from '../generated/prisma/client.ts';
import catalogue from '../prisma/catalogue.json' with { type: 'json' };
import { loadConfig } from './config.ts';

/** Long, because only the start waits for the seed. */
const SEED_WAIT_MS = 30_000;

const { DATABASE_URL } = loadConfig();
await migrateDatabase(DATABASE_URL, fileURLToPath(new URL('../prisma', import.meta.url)), seed);

/** Adds missing products and leaves existing ones unchanged, including their stock. */
async function seed(): Promise<void> {
  const database = new PrismaClient({
    adapter: createAdapter(new Pool(DATABASE_URL, { waitMs: SEED_WAIT_MS })),
  });
  await database.product.createMany({ data: catalogue, skipDuplicates: true });
  await database.$disconnect();
}
