import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheIn, compileCacheIn } from '../../../bootstrap/cache.mjs';

/** The settings of the commands from the environment. */
export const config = {
  /** The checkout. */
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  cacheDirectory: cacheIn(process.env),
  /** Value of `NODE_COMPILE_CACHE` for processes that Node runs. */
  compileCache: compileCacheIn(process.env),
  /**
   * URL of a PostgreSQL server to use instead of the embedded one. Its role must be allowed to create roles
   * and databases.
   */
  databaseUrl: process.env.DATABASE_URL || undefined,
  /**
   * File with other sources of the cluster's charts, manifests and images, for a machine without a registry
   * (packages/cluster/src/released-mesh.ts).
   */
  clusterSources: process.env.CLUSTER_SOURCES || undefined,
  /** Path of an Envoy to use instead of a fetched one. */
  envoyPath: process.env.ENVOY_PATH || undefined,
  /**
   * The user's npm settings and the machine's trusted certificates, for builds within images. The files may
   * be missing.
   */
  npmrc: process.env.NPM_CONFIG_USERCONFIG || join(homedir(), '.npmrc'),
  certificates: process.env.NODE_EXTRA_CA_CERTS || '/etc/ssl/certs/ca-certificates.crt',
  searchPath: process.env.PATH ?? '',
};
