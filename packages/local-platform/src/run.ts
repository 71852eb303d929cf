import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { keepGuard } from '@meshmart/processes/guard';
import { identify } from '@meshmart/processes/process-identity';
import { clearRun, type RecordedProcess, signalGroup, writeRunRecord } from '@meshmart/processes/run-record';
import { createSupervisor, type Supervisor } from '@meshmart/processes/supervisor';
import { type Layout, makeRunFolder } from './layout.ts';

export interface Run {
  /** Sockets, and what is running; gone afterwards, however the run ends. */
  directory: string;
  supervisor: Supervisor;
  /** Lets a tool, the leader of a group of its own, end with the run, too. @returns what to call when it has ended */
  track(pid: number): () => void;
  /** To be called when nothing runs any more. */
  close(): void;
}

/** Opens a run: a fresh folder, and a supervisor whose processes end with it. */
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

/** Clears what runs have left behind whose supervisor and guard were both killed. @returns the names of what was ended */
export async function clearDeadRuns(layout: Layout): Promise<string[]> {
  const pointers = readdirSync(layout.runs).map((name) => join(layout.runs, name));
  const ended = pointers.map(async (pointer) => {
    const names = await clearRun(readFileSync(pointer, 'utf8'));
    rmSync(pointer, { force: true });
    return names;
  });
  return (await Promise.all(ended)).flat();
}
