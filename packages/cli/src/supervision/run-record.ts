import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

export interface RecordedProcess extends ProcessIdentity {
  name: string;
  /** What makes it stop in good order. */
  stopSignal: NodeJS.Signals;
}

/** What one run has started and made outside its own process; on disk, so that others can clear it away. */
export interface RunRecord {
  runDirectory: string;
  processes: RecordedProcess[];
}

/** Time to stop in good order before SIGKILL; with what follows it stays below the five seconds that are promised. */
const graceMs = 2500;

/** Written within the turn of the event loop that started a process, or a kill in between would lose it. */
export function writeRunRecord(file: string, record: RunRecord): void {
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/**
 * Ends every process of a run whose supervisor is dead, and removes its run folder and the record itself.
 *
 * @returns the names of the processes that were still there
 */
export async function clearRun(file: string): Promise<string[]> {
  const record = readRunRecord(file);
  if (!record) return [];
  const left = record.processes.filter(isAlive);
  for (const { pid, stopSignal } of left) signalGroup(pid, stopSignal);
  const deadline = Date.now() + graceMs;
  while (left.some(isAlive) && Date.now() < deadline) await sleep(50);
  for (const { pid } of left.filter(isAlive)) signalGroup(pid, 'SIGKILL');
  rmSync(record.runDirectory, { recursive: true, force: true });
  rmSync(file, { force: true });
  return left.map(({ name }) => name);
}

/** Every process is started as the leader of a group of its own. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readRunRecord(file: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
