import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessIdentity } from '@meshmart/processes/process-identity';

/** How others find the running platform of a state folder. */
export interface PlatformState extends ProcessIdentity {
  port: number;
  /** Unix socket; see `control/server.ts` for what it answers. */
  controlSocket: string;
  /** RFC 3339. */
  startedAt: string;
}

export function writeState(file: string, state: PlatformState): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeState(file: string): void {
  rmSync(file, { force: true });
}

/** @returns the platform that is ready, or undefined when none runs, whatever a dead one has left behind */
export function findRunningPlatform(file: string): PlatformState | undefined {
  try {
    const state: PlatformState = JSON.parse(readFileSync(file, 'utf8'));
    return isAlive(state) ? state : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
