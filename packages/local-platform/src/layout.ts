import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

/** The state folder of the checkout's own platform. */
export const DEFAULT_STATE_DIRECTORY = join(config.root, '.meshmart');

/** Where everything of one platform lives. */
export interface Layout {
  /** Survives the run: data, certificates, secrets, logs. */
  state: string;
  logs: string;
  secrets: string;
  certificates: string;
  lock: string;
  stateFile: string;
  /** One file per run that has not ended in good order, with the path of its folder. */
  runs: string;
  /** Everything that belongs to the embedded PostgreSQL. */
  database: string;
}

/**
 * @param stateDirectory `.meshmart` of the checkout, or another one for a second platform
 */
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

/** As root, PostgreSQL runs as a lesser user, who could not reach a checkout under `/root`. */
function databaseFolder(state: string): string {
  if (process.getuid?.() !== 0) return join(state, 'database');
  const hash = createHash('sha256').update(state).digest('hex').slice(0, 12);
  return join('/var/lib/meshmart', hash);
}

export function makeStateFolders(layout: Layout): void {
  for (const folder of [layout.state, layout.logs, layout.runs, layout.secrets, layout.certificates]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

/** The path of a Unix socket has at most 107 bytes on Linux, 103 on macOS. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;
/** Room for the names of folder and socket, e.g. `/meshmart-Ab12Cd/storefront-v1-1.admin`. */
const NAMES_LENGTH = 56;

/**
 * Makes a new folder for sockets: in the temporary folder, or in `/tmp` when the paths of sockets would become too long.
 * @throws UserError when `/tmp` cannot be used either
 */
export function makeRunFolder(short = '/tmp'): string {
  const temporary = tmpdir();
  const isShort = Buffer.byteLength(temporary) + NAMES_LENGTH <= MAX_SOCKET_PATH;
  const folder = isShort ? makeFolderIn(temporary) : makeInstead(temporary, short);
  // As root, the lesser user who runs PostgreSQL must get through to its socket's folder.
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
