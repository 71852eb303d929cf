import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheIn, compileCacheIn } from '../entry/cache.mjs';

/** What the commands take from their surroundings. This is the only file of the package that reads the environment. */
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
  /** Progress is drawn only where somebody watches it. */
  isTerminal: process.stdout.isTTY === true && !process.env.CI,
};

/** For tools that reach a registry or a compiler's cache: everything, but what npm has added for its own scripts. */
export function toolEnvironment(): Record<string, string> {
  return pick((name) => !name.toLowerCase().startsWith('npm_'));
}

/** For the store's own processes: what every program needs, the standard `OTEL_*` settings and the log level. */
export function processEnvironment(): Record<string, string> {
  return pick((name) =>
    /^(PATH|HOME|LANG|LC_.*|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|LOG_LEVEL|OTEL_.*)$/.test(name),
  );
}

function pick(isWanted: (name: string) => boolean): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isWanted(entry[0]),
  );
  return Object.fromEntries(entries);
}
