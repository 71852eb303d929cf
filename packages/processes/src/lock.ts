import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/**
 * Takes the lock of a state folder for this process, for as long as it lives.
 *
 * Holders are numbered: whoever finds the newest one dead competes for the next number, which only one can create. The newest
 * file is never removed, not even by its holder; so nobody can mistake a lock that was taken meanwhile for the dead one that
 * was seen before.
 *
 * @returns the living holder when there is one, and undefined when the lock is ours
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

/** Gives up the lock that this process holds: the newest file then names nobody. */
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

/** @returns undefined when a newer holder has removed it meanwhile */
function readHolder(directory: string, number: number): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, String(number)), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A link puts the whole file there at once, or fails when somebody else was quicker. */
function claim(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
