import { homedir } from 'node:os';
import { join } from 'node:path';

/** The package's environment variables. */
export const config = {
  /** The folder for the embedded PostgreSQL's program files: one subfolder per version, shared by all checkouts. */
  cacheDirectory: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'meshmart'),
  /** The server that tests use: `embedded` or `container`. */
  testDatabase: process.env.TEST_DATABASE || 'embedded',
  testDatabaseImage: process.env.TEST_DATABASE_IMAGE || 'postgres:18',
};
