import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { keepGuard } from '@meshmart/processes/guard';
import { identify } from '@meshmart/processes/process-identity';
import { clearRun, type RecordedProcess, signalGroup, writeRunRecord } from '@meshmart/processes/run-record';
import { createSupervisor, type Supervisor } from '@meshmart/processes/supervisor';
import { type Layout, makeRunFolder } from './layout.ts';

export interface Run {
  /** Folder of the sockets and the run record; removed however the run ends. */
  directory: string;
  supervisor: Supervisor;
  /**
   * Ends a tool, which leads its own process group, with the run.
   *
   * @returns a function to call when the tool has ended
   */
  track(pid: number): () => void;
  /** Removes the run folder. Call it when no process runs any more. */
  close(): void;
}

/**
 * Opens a run: a new folder, and a supervisor whose processes end with the run.
 *
 * @param report receives one line per event
 */
export function openRun(layout: Layout, report: (line: string) => void): Run {
  const directory = makeRunFolder();
  const pointer = join(layout.runs, basename(directory));
  writeFileSync(pointer, directory);
  writeRunRecord(directory, []);
  const guard = keepGuard(directory, report);
  const tools = new Map<number, RecordedProcess>();
  let supervised: RecordedProcess[] = [];
  let isClosed = false;
  const record = () => {
    if (!isClosed) writeRunRecord(directory, [...supervised, ...tools.values()]);
  };
  const supervisor = createSupervisor({
    logDirectory: layout.logs,
    report,
    record: (processes) => {
      supervised = processes;
      record();
    },
  });
  return {
    directory,
    supervisor,
    track(pid) {
      const identity = identify(pid);
      if (identity) tools.set(pid, { ...identity, name: 'a tool of the start', stopSignal: 'SIGTERM' });
      record();
      return () => {
        tools.delete(pid);
        record();
      };
    },
    close() {
      isClosed = true;
      for (const pid of tools.keys()) signalGroup(pid, 'SIGKILL');
      guard.stop();
      rmSync(directory, { recursive: true, force: true });
      rmSync(pointer, { force: true });
    },
  };
}

/**
 * Ends the processes of runs whose supervisor and guard were both killed.
 *
 * @returns the names of the ended processes
 */
export async function clearDeadRuns(layout: Layout): Promise<string[]> {
  const pointers = readdirSync(layout.runs).map((name) => join(layout.runs, name));
  const ended = pointers.map(async (pointer) => {
    const names = await clearRun(readFileSync(pointer, 'utf8'));
    rmSync(pointer, { force: true });
    return names;
  });
  return (await Promise.all(ended)).flat();
}
