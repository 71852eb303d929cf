import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/**
 * Acquires the lock of a state folder for the lifetime of this process.
 *
 * Holders are numbered files. A process that finds the newest holder dead tries to create the next number,
 * which only one can. The newest file is never removed, not even by its holder, so a lock acquired meanwhile
 * is never mistaken for a dead one.
 *
 * @returns the living holder, or undefined when this process has acquired the lock
 */
export function takeLock(directory: string): ProcessIdentity | undefined {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const own = join(directory, `candidate-${process.pid}`);
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    for (;;) {
      const newest = Math.max(0, ...listNumbers(directory));
      const holder = newest > 0 ? readHolder(directory, newest) : undefined;
      if (holder && isAlive(holder)) return holder;
      if (!claim(own, join(directory, String(newest + 1)))) continue;
      for (const number of listNumbers(directory)) {
        if (number <= newest) rmSync(join(directory, String(number)), { force: true });
      }
      return undefined;
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Releases the lock that this process holds: the newest file then names no process. */
export function releaseLock(directory: string): void {
  const newest = Math.max(...listNumbers(directory));
  const nobody = join(directory, 'nobody');
  writeFileSync(nobody, JSON.stringify({ pid: 0, startTime: '' }));
  renameSync(nobody, join(directory, String(newest)));
}

function listNumbers(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Reads a holder; undefined when a newer one has removed the file meanwhile. */
function readHolder(directory: string, number: number): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, String(number)), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Creates the lock file atomically; false when another process was faster. */
function claim(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
