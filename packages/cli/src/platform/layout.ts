import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

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

/** A new folder for sockets. Its path is short, since that of a Unix socket must stay below 104 bytes. */
export function makeRunFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-'));
  // As root, the lesser user who runs PostgreSQL must get through to its socket's folder.
  if (process.getuid?.() === 0) chmodSync(folder, 0o711);
  return folder;
}
