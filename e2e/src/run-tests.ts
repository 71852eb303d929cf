import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from '@meshmart/processes/environment';
import { runSteps } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { ensureEnvoy } from '@meshmart/toolchain/envoy';
import { TURBO_BINARY, TURBO_ENVIRONMENT } from '@meshmart/toolchain/generated-clients';
import { ensureK6 } from '@meshmart/toolchain/k6';
import { ensureSchemathesis } from '@meshmart/toolchain/schemathesis';
import { type Counts, findOtherFailures, formatSum, readTotals, totalsFile } from './totals.ts';

/** A project of `vitest.config.ts`. */
export type Project =
  | 'packages'
  | 'services'
  | 'own-store'
  | 'e2e'
  | 'slow'
  | 'cluster'
  | 'existing'
  | 'gitops';

export interface TestRun {
  envoyPath: string;
  /** Aborted by Ctrl-C. */
  stop: AbortSignal;
  /** Parts of the paths of the test files to run; by default all. */
  files?: string[];
  /** For the tests themselves. */
  env?: Record<string, string>;
}

/** Installs the tools that the tests need. @returns the path of Envoy */
export async function prepareTools(signal: AbortSignal): Promise<string> {
  let envoyPath = '';
  const run = async (onLine: (line: string) => void) => {
    envoyPath = await ensureEnvoy({ signal, onLine });
  };
  const fetchSchemathesis = async (onLine: (line: string) => void) => {
    await ensureSchemathesis({ signal, onLine });
  };
  await runSteps([
    { title: 'Envoy', run },
    { title: 'schemathesis', run: fetchSchemathesis },
  ]);
  await ensureK6({ signal });
  return envoyPath;
}

/** Generates code, lints, type-checks and checks the structure, each also after a failure of the others. */
export async function runChecks(stop: AbortSignal): Promise<Counts> {
  const options = ['--continue', '--output-logs=errors-only', '--no-update-notifier', '--concurrency=2'];
  const args = ['run', 'generate', 'lint', 'typecheck', ...options];
  const code = await runToEnd(TURBO_BINARY, args, { env: TURBO_ENVIRONMENT, stop });
  assertNotInterrupted(stop);
  const structure = await runToEnd(process.execPath, [join(config.root, 'meshmart.mjs'), 'structure'], {
    stop,
  });
  assertNotInterrupted(stop);
  return countFailures([...(code === 0 ? [] : ['lint or types']), ...(structure === 0 ? [] : ['structure'])]);
}

/** Runs the tests of these projects with Vitest. @throws UserError after Ctrl-C */
export async function runTests(projects: Project[], run: TestRun): Promise<Counts[]> {
  rmSync(totalsFile, { force: true });
  const vitest = join(config.root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', ...projects.map((name) => `--project=${name}`), ...(run.files ?? [])];
  const env = { ...run.env, ENVOY_PATH: run.envoyPath };
  const code = await runToEnd(process.execPath, args, { env, stop: run.stop });
  assertNotInterrupted(run.stop);
  const totals = readTotals();
  return [...Object.values(totals), countFailures(findOtherFailures(totals, projects, code))];
}

export function assertNotInterrupted({ aborted }: AbortSignal): void {
  if (aborted) throw new UserError('Interrupted.');
}

/** Prints failures outside of tests and counts them. */
export function countFailures(failures: string[]): Counts {
  for (const failure of failures) console.log(`failed: ${failure}`);
  return { passed: 0, failed: failures.length, skipped: 0 };
}

/** Prints the sum as the last line, and sets the exit code. */
export function reportTotals(counts: Counts[]): void {
  process.exitCode = counts.some(({ failed }) => failed > 0) ? 1 : 0;
  console.log(formatSum(counts));
}

/** Runs a program; an abort of `stop` interrupts it. @returns the exit code, or null after a signal */
export async function runToEnd(
  program: string,
  args: string[],
  { env = {}, stop }: { env?: Record<string, string>; stop?: AbortSignal | undefined },
): Promise<number | null> {
  const options = { cwd: config.root, env: { ...toolEnvironment(), ...env }, stdio: 'inherit' } as const;
  const child = spawn(program, args, options);
  const interrupt = () => child.kill('SIGINT');
  stop?.addEventListener('abort', interrupt);
  if (stop?.aborted) interrupt();
  const [code] = await once(child, 'exit');
  stop?.removeEventListener('abort', interrupt);
  return code;
}
