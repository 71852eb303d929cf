import { randomBytes } from 'node:crypto';
import type {} from 'vitest';
import { migrateDatabase } from './migrate.ts';
import { provisionDatabase } from './provision.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's URL of the server that `test-server.ts` has started. */
    databaseAdminUrl: string;
  }
}

/** Creates a migrated database for one test on the server of `test-server.ts`. @returns its DATABASE_URL */
export async function createTestDatabase(adminUrl: string, prismaDirectory: string): Promise<string> {
  const url = await provisionDatabase(adminUrl, `test_${randomBytes(6).toString('hex')}`, 'test');
  await migrateDatabase(url, prismaDirectory);
  return url;
}
