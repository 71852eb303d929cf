import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheIn, compileCacheIn } from '../../../bootstrap/cache.mjs';

/** What the commands take from their surroundings. */
export const config = {
  /** The checkout. */
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  cacheDirectory: cacheIn(process.env),
  /** Of processes that Node runs, in `NODE_COMPILE_CACHE`. */
  compileCache: compileCacheIn(process.env),
  /** A PostgreSQL server of the user's own, in place of the embedded one; its role may create roles and databases. */
  databaseUrl: process.env.DATABASE_URL || undefined,
  /** An Envoy of the user's own. */
  envoyPath: process.env.ENVOY_PATH || undefined,
  /** npm's settings of this user, and the certificates that this machine trusts, for builds within images; they need not exist. */
  npmrc: process.env.NPM_CONFIG_USERCONFIG || join(homedir(), '.npmrc'),
  certificates: process.env.NODE_EXTRA_CA_CERTS || '/etc/ssl/certs/ca-certificates.crt',
  searchPath: process.env.PATH ?? '',
};
