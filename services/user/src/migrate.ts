import { fileURLToPath } from 'node:url';
import { createAdapter } from '@meshmart/database/adapter';
import { migrateDatabase } from '@meshmart/database/migrate';
import { Pool } from '@meshmart/database/pool';
import { PrismaClient } from '../generated/prisma/client.ts';
import { loadMigrationConfig } from './config.ts';
import { setAdministrator } from './users/set-administrator.ts';

const { DATABASE_URL, ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = loadMigrationConfig();
await migrateDatabase(DATABASE_URL, fileURLToPath(new URL('../prisma', import.meta.url)), seed);

async function seed(): Promise<void> {
  const database = new PrismaClient({ adapter: createAdapter(new Pool(DATABASE_URL)) });
  await setAdministrator(database, { email, password }).finally(() => database.$disconnect());
}
