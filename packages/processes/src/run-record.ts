import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

export interface RecordedProcess extends ProcessIdentity {
  name: string;
  /** What makes it stop in good order. */
  stopSignal: NodeJS.Signals;
}

/** Time to stop in good order before SIGKILL; with what follows it stays below the five seconds that are promised. */
const GRACE_MS = 2500;

/**
 * Notes in the run folder what is running, so that others can end it. Written within the turn of the event loop that started a
 * process, or a kill in between would lose it.
 */
export function writeRunRecord(runDirectory: string, processes: RecordedProcess[]): void {
  const file = recordFile(runDirectory);
  writeFileSync(`${file}.new`, JSON.stringify(processes), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** @returns nothing when the run has been cleared already. Only what can be one process: kill(2) takes 0, 1 and less for many. */
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
 * Ends every process of a run whose supervisor is dead, and removes the run folder.
 *
 * @returns the names of the processes that were still there
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

/** The folder for temporary files is everybody's: when ours has been tidied away, somebody else may have made one of its name. */
function isOurs(runDirectory: string): boolean {
  const found = lstatSync(runDirectory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o066) === 0;
}

/** Every process is started as the leader of a group of its own. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function recordFile(runDirectory: string): string {
  return join(runDirectory, 'processes.json');
}
