import { fileURLToPath } from 'node:url';
import { migrateDatabase } from '@meshmart/database/migrate';
import { loadConfig } from './config.ts';

await migrateDatabase(loadConfig().DATABASE_URL, fileURLToPath(new URL('../prisma', import.meta.url)));
