import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@meshmart/database/test-database';
import { inject, onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';

export const prismaDirectory = fileURLToPath(new URL('../prisma', import.meta.url));

/** The service on an empty database of its own, and a way to start more replicas on the same one. */
export async function startApp() {
  const DATABASE_URL = await createTestDatabase(inject('databaseAdminUrl'), prismaDirectory);
  const startReplica = async () => {
    const replica = await buildApp(loadConfig({ DATABASE_URL, LOG_LEVEL: 'silent' }));
    onTestFinished(() => replica.close());
    return replica;
  };
  return { app: await startReplica(), startReplica };
}
