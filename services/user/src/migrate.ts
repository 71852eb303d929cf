import { fileURLToPath } from 'node:url';
import { createAdapter } from '@meshmart/database/adapter';
import { migrateDatabase } from '@meshmart/database/migrate';
import { newId } from '@meshmart/service/ids';
import { PrismaClient } from '../generated/prisma/client.ts';
import { loadMigrationConfig } from './config.ts';
import { hashPassword, verifyPassword } from './users/password.ts';
import { changePassword, createUser, findUserByEmail } from './users/repository.ts';

const { DATABASE_URL, ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = loadMigrationConfig();
await migrateDatabase(DATABASE_URL, fileURLToPath(new URL('../prisma', import.meta.url)), seed);

/** There is one administrator, whose password is what the setting says, also when the account is older than the setting. */
async function seed(): Promise<void> {
  const database = new PrismaClient({ adapter: createAdapter(DATABASE_URL) });
  const known = await findUserByEmail(database, email);
  if (!(await verifyPassword(known?.passwordHash, password))) {
    const passwordHash = await hashPassword(password);
    if (known) await changePassword(database, known.id, passwordHash);
    else
      await createUser(database, { id: newId(), email, name: 'Administrator', role: 'admin', passwordHash });
  }
  await database.$disconnect();
}
