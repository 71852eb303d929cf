import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

/** The state folder of the checkout's own platform. */
export const DEFAULT_STATE_DIRECTORY = join(config.root, '.meshmart');

/** The paths of one platform. */
export interface Layout {
  /** Folder that survives the run: data, certificates, secrets, logs. */
  state: string;
  logs: string;
  secrets: string;
  certificates: string;
  lock: string;
  stateFile: string;
  /**
   * Folder with one file per run that has not ended gracefully, which contains the path of the run folder.
   */
  runs: string;
  /** Folder of the embedded PostgreSQL. */
  database: string;
}

/** Returns the paths of the platform with this state folder. */
export function layoutOf(stateDirectory: string): Layout {
  const state = resolve(stateDirectory);
  return {
    state,
    logs: join(state, 'logs'),
    secrets: join(state, 'secrets'),
    certificates: join(state, 'certificates'),
    lock: join(state, 'lock'),
    stateFile: join(state, 'state.json'),
    runs: join(state, 'runs'),
    database: databaseFolder(state),
  };
}

/** PostgreSQL refuses to run as root, and another user could not access a checkout under `/root`. */
function databaseFolder(state: string): string {
  if (process.getuid?.() !== 0) return join(state, 'database');
  const hash = createHash('sha256').update(state).digest('hex').slice(0, 12);
  return join('/var/lib/meshmart', hash);
}

/** Creates the folders of the state, accessible by their owner only. */
export function makeStateFolders(layout: Layout): void {
  for (const folder of [layout.state, layout.logs, layout.runs, layout.secrets, layout.certificates]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

/** Longest path of a Unix socket in bytes: 107 on Linux, 103 on macOS. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;
/** Bytes reserved for the names of folder and socket, as in `/meshmart-Ab12Cd/storefront-v1-1.admin`. */
const NAMES_LENGTH = 56;

/**
 * Creates a folder for sockets: in the temporary folder, or in `short` when the paths of sockets would be too
 * long.
 *
 * @throws UserError when `short` cannot be used either
 */
export function makeRunFolder(short = '/tmp'): string {
  const temporary = tmpdir();
  const isShort = Buffer.byteLength(temporary) + NAMES_LENGTH <= MAX_SOCKET_PATH;
  const folder = isShort ? makeFolderIn(temporary) : makeInstead(temporary, short);
  // If root starts the store, an unprivileged user runs PostgreSQL, and must be able to enter its socket's folder.
  if (process.getuid?.() === 0) chmodSync(folder, 0o711);
  return folder;
}

function makeFolderIn(parent: string): string {
  return mkdtempSync(join(parent, 'meshmart-'));
}

function makeInstead(temporary: string, short: string): string {
  try {
    return makeFolderIn(short);
  } catch (error) {
    const longest = MAX_SOCKET_PATH - NAMES_LENGTH;
    throw new UserError(
      `The path of the temporary folder ${temporary} is too long for Unix sockets, and ${short} cannot be used (${(error as Error).message}); set TMPDIR to a folder with a path of at most ${longest} bytes`,
    );
  }
}
