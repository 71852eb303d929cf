import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetName } from '@meshmart/experiment-runner/experiment';
import type { ExperimentFolder } from '@meshmart/experiment-runner/find-experiments';
import type { Result } from '@meshmart/experiment-runner/report';
import { runTool, ToolFailedError } from '@meshmart/processes/run-tool';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { config } from '@meshmart/toolchain/config';

export interface RunOptions {
  /** State folder of a local platform that runs. */
  state: string;
  /** Name of the cluster. */
  cluster: string;
  signal: AbortSignal;
}

/** Runs an experiment by its command, which prints its progress to `onLine`. A verdict of "fail" is a result as well. */
export async function runOn(
  platform: TargetName,
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
