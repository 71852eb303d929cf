import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '@meshmart/experiment-runner/report';
import { removeData } from '@meshmart/local-platform/database';
import { layoutOf } from '@meshmart/local-platform/layout';
import { lastLine, runTool, ToolFailedError } from '@meshmart/processes/run-tool';
import { copyCheckout } from './copy-checkout.ts';
import { applyMutant, type Mutant } from './mutants.ts';

interface MutantRun {
  /** Folder of the checkout. */
  root: string;
  observeS: number;
  seed: number;
  signal: AbortSignal;
  show(detail: string): void;
}

/**
 * Runs chaos-checkout in a copy of the checkout, on a store with its own data. Removes copy and data afterwards.
 *
 * @param mutant changes the copy; undefined leaves it as it is
 * @throws when the run breaks off, so that it has no result
 */
export async function runMutant(mutant: Mutant | undefined, run: MutantRun): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-mutant-'));
  const [copy, state, outcome] = ['copy', 'state', 'outcome.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  try {
    copyCheckout(run.root, copy);
    if (mutant) applyMutant(mutant, copy);
    const length = ['--observe', String(run.observeS), '--seed', String(run.seed)];
    const files = ['--state', state, '--json', outcome, '--report', join(folder, 'reports')];
    const output = await runToEnd(['meshmart.mjs', 'experiment', 'chaos-checkout', ...length, ...files], {
      cwd: copy,
      // The user's own server would be shared with the store that runs on it.
      env: { DATABASE_URL: '' },
      signal: run.signal,
      onLine: run.show,
    });
    const result = readResult(outcome);
    if (!result?.k6.observed) throw new Error(`the run broke off: ${lastLine(output)}`);
    return result;
  } finally {
    removeData(layoutOf(state));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs an experiment, which may fail. @returns its output */
async function runToEnd(args: string[], options: Parameters<typeof runTool>[2]): Promise<string> {
  try {
    return await runTool(process.execPath, args, options);
  } catch (error) {
    if (!(error instanceof ToolFailedError) || options?.signal?.aborted) throw error;
    return error.output;
  }
}

function readResult(file: string): Result | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
