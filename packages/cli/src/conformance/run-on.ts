import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { config } from '../config.ts';
import type { PlatformName } from '../experiment/define.ts';
import type { ExperimentFolder } from '../experiment/list.ts';
import type { Result } from '../experiment/report.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { runTool, ToolFailedError } from '../setup/run-tool.ts';

export interface RunOptions {
  /** State folder of a local platform that runs. */
  state: string;
  /** Name of the cluster. */
  cluster: string;
  signal: AbortSignal;
}

/** Runs an experiment by its command, which prints its progress to `onLine`. A verdict of "fail" is a result as well. */
export async function runOn(
  platform: PlatformName,
  { name }: ExperimentFolder,
  { state, cluster, signal }: RunOptions,
  onLine: (line: string) => void,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'meshmart-conformance-'));
  try {
    const json = join(folder, 'result.json');
    const where = platform === 'cluster' ? ['--cluster', cluster] : ['--state', state];
    const report = join(config.root, '.meshmart/reports', `${name}-${platform}`);
    const args = ['experiment', name, '--on', platform, ...where, '--json', json, '--report', report];
    const options = { cwd: config.root, signal, onLine };
    const failure = await runTool(
      process.execPath,
      [join(config.root, 'meshmart.mjs'), ...args],
      options,
    ).then(
      () => undefined,
      (error: unknown) => error,
    );
    throwIfInterrupted(signal);
    const text = await readFile(json, 'utf8').catch(() => '');
    if (failure && (!(failure instanceof ToolFailedError) || text === '')) throw failure;
    return JSON.parse(text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
