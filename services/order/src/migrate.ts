import { migrateDatabase } from '@meshmart/database/migrate';
import { loadConfig } from './config.ts';

await migrateDatabase(loadConfig().DATABASE_URL, new URL('../prisma', import.meta.url).pathname);
