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
  /** State folder of a running local platform. */
  state: string;
  /** Name of the cluster. */
  cluster: string;
  signal: AbortSignal;
}

/**
 * Runs an experiment by its command, whose output goes to `onLine`. @returns the result, also of a failed run
 * @throws when the command ends without a result, or the run is interrupted
 */
export async function runOn(
  target: TargetName,
  { name }: ExperimentFolder,
  { state, cluster, signal }: RunOptions,
  onLine: (line: string) => void,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'meshmart-conformance-'));
  try {
    const json = join(folder, 'result.json');
    const where = target === 'cluster' ? ['--cluster', cluster] : ['--state', state];
    const report = join(config.root, '.meshmart/reports', `${name}-${target}`);
    const args = ['experiment', name, '--on', target, ...where, '--json', json, '--report', report];
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
