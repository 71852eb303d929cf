import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessIdentity } from '@meshmart/processes/process-identity';

/** Content of the state file, by which other commands find the running platform. */
interface PlatformState extends ProcessIdentity {
  port: number;
  /** Unix socket; `control/server.ts` defines its requests. */
  controlSocket: string;
  /** RFC 3339. */
  startedAt: string;
}

/** Writes the state file, readable by its owner only. */
export function writeState(file: string, state: PlatformState): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Removes the state file, if there is one. */
export function removeState(file: string): void {
  rmSync(file, { force: true });
}

/** Returns the running platform; undefined when none runs, even if a dead one left its file. */
export function findRunningPlatform(file: string): PlatformState | undefined {
  try {
    const state: PlatformState = JSON.parse(readFileSync(file, 'utf8'));
    return isAlive(state) ? state : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
