import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the package takes from its surroundings. */
export const config = {
  /** Where the program files of the embedded PostgreSQL are unpacked, one folder per version, shared by all checkouts. */
  cacheDirectory: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'meshmart'),
  /** What tests run on: `embedded` or `container`. */
  testDatabase: process.env.TEST_DATABASE || 'embedded',
  testDatabaseImage: process.env.TEST_DATABASE_IMAGE || 'postgres:18',
};
