import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetName } from './experiment.ts';
import { nameOf, type Result } from './report.ts';

export interface RecordedVerdict {
  verdict: Result['verdict'];
  /** Day of the run, in UTC: `2026-11-28`. */
  date: string;
}

/** The last recorded verdict of each experiment, and of each variant as `timeout/trap`, by target. */
export type Verdicts = Record<string, Partial<Record<TargetName, RecordedVerdict>>>;

const FILE = 'verdicts.json';

/** Reads the recorded verdicts. @param experimentsFolder contains `verdicts.json`; without it there are none */
export async function readVerdicts(experimentsFolder: string): Promise<Verdicts> {
  const text = await readFile(join(experimentsFolder, FILE), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  return JSON.parse(text);
}

/** Adds the verdict of a run to the recorded ones. A run that broke off has none, and is left out. */
export async function recordVerdict(experimentsFolder: string, result: Result): Promise<void> {
  if (!result.k6.baseline) return;
  const { target, verdict, startedAt } = result;
  const verdicts = await readVerdicts(experimentsFolder);
  const name = nameOf(result);
  verdicts[name] = {
    ...verdicts[name],
    [target]: { verdict, date: startedAt.slice(0, 'yyyy-mm-dd'.length) },
  };
  const sorted = Object.fromEntries(Object.entries(verdicts).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(join(experimentsFolder, FILE), `${JSON.stringify(sorted, null, 2)}\n`);
}
