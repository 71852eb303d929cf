import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

export interface RecordedProcess extends ProcessIdentity {
  name: string;
  /** Signal that stops it gracefully. */
  stopSignal: NodeJS.Signals;
}

/** Time for a graceful stop before SIGKILL. Clearing a run must take less than five seconds in all. */
const GRACE_MS = 2500;

/**
 * Records in the run folder which processes run, so others can end them. Call it in the same turn of the
 * event loop that started a process; a kill in between would lose it.
 */
export function writeRunRecord(runDirectory: string, processes: RecordedProcess[]): void {
  const file = recordFile(runDirectory);
  writeFileSync(`${file}.new`, JSON.stringify(processes), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/**
 * Returns the recorded processes; none when the run has been cleared. Drops pids below 2, which kill(2) would
 * not take as one process.
 */
export function readRunRecord(runDirectory: string): RecordedProcess[] {
  try {
    const processes: RecordedProcess[] = JSON.parse(readFileSync(recordFile(runDirectory), 'utf8'));
    return processes.filter(({ pid }) => Number.isInteger(pid) && pid > 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Ends every process of a run whose supervisor is dead, and removes the run folder. Does nothing with a
 * folder that others may write to.
 *
 * @returns the names of the processes that were still running
 */
export async function clearRun(runDirectory: string): Promise<string[]> {
  if (!isOurs(runDirectory)) return [];
  const left = readRunRecord(runDirectory).filter(isAlive);
  for (const { pid, stopSignal } of left) signalGroup(pid, stopSignal);
  const deadline = Date.now() + GRACE_MS;
  while (left.some(isAlive) && Date.now() < deadline) await sleep(50);
  for (const { pid } of left.filter(isAlive)) signalGroup(pid, 'SIGKILL');
  rmSync(runDirectory, { recursive: true, force: true });
  return left.map(({ name }) => name);
}

/** Checks the owner, because another user may have created a folder of this name in the temporary folder. */
function isOurs(runDirectory: string): boolean {
  const found = lstatSync(runDirectory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o066) === 0;
}

/**
 * Sends a signal to the process group that `pid` leads. Ignores a group that has ended; macOS reports EPERM
 * until its leader is reaped.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hasEnded = code === 'ESRCH' || (code === 'EPERM' && process.platform === 'darwin');
    if (!hasEnded) throw error;
  }
}

function recordFile(runDirectory: string): string {
  return join(runDirectory, 'processes.json');
}
