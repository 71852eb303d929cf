import { fileURLToPath } from 'node:url';
import { createAdapter } from '@meshmart/database/adapter';
import { migrateDatabase } from '@meshmart/database/migrate';
import { newId } from '@meshmart/service/ids';
import { PrismaClient } from '../generated/prisma/client.ts';
import { loadMigrationConfig } from './config.ts';
import { hashPassword } from './users/password.ts';
import { createUser } from './users/repository.ts';

const { DATABASE_URL, ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = loadMigrationConfig();
await migrateDatabase(DATABASE_URL, fileURLToPath(new URL('../prisma', import.meta.url)), seed);

/** Makes the administrator the first time; an account that is there keeps its password. */
async function seed(): Promise<void> {
  const database = new PrismaClient({ adapter: createAdapter(DATABASE_URL) });
  const passwordHash = await hashPassword(password);
  await createUser(database, { id: newId(), email, name: 'Administrator', role: 'admin', passwordHash });
  await database.$disconnect();
}
