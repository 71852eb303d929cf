import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { keepGuard } from '../supervision/guard.ts';
import { clearRun, writeRunRecord } from '../supervision/run-record.ts';
import { createSupervisor, type Supervisor } from '../supervision/supervisor.ts';
import { type Layout, makeRunFolder } from './layout.ts';

export interface Run {
  /** Sockets and xDS files; gone afterwards, however the run ends. */
  directory: string;
  supervisor: Supervisor;
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
  const supervisor = createSupervisor({
    logDirectory: layout.logs,
    report,
    record: (processes) => writeRunRecord(directory, processes),
  });
  return {
    directory,
    supervisor,
    close() {
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
