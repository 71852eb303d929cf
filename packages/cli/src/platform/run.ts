import { readdirSync, rmSync } from 'node:fs';
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
  const recordFile = join(layout.runs, `${basename(directory)}.json`);
  writeRunRecord(recordFile, { runDirectory: directory, processes: [] });
  const guard = keepGuard(recordFile, report);
  const supervisor = createSupervisor({
    logDirectory: layout.logs,
    report,
    record: (processes) => writeRunRecord(recordFile, { runDirectory: directory, processes }),
  });
  return {
    directory,
    supervisor,
    close() {
      guard.stop();
      rmSync(directory, { recursive: true, force: true });
      rmSync(recordFile, { force: true });
    },
  };
}

/** Clears what runs have left behind whose supervisor and guard were both killed. @returns the names of what was ended */
export async function clearDeadRuns(layout: Layout): Promise<string[]> {
  const files = readdirSync(layout.runs).filter((name) => name.endsWith('.json'));
  return (await Promise.all(files.map((file) => clearRun(join(layout.runs, file))))).flat();
}
