import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from '@meshmart/processes/environment';
import { runSteps } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { ensureEnvoy } from '@meshmart/toolchain/envoy';
import { turboBinary, turboEnvironment } from '@meshmart/toolchain/generated-clients';
import { ensureK6 } from '@meshmart/toolchain/k6';
import { ensureSchemathesis } from '@meshmart/toolchain/schemathesis';
import { addTotals, formatTotals, readReport, type Totals } from './test-totals.ts';
import { readTurboSummary, type TurboTask } from './turbo-summary.ts';

/** Packages at a time. Their tests have workers of their own, and what measures time needs some left. */
const concurrency = '--concurrency=2';

/** Where each package's vitest writes its result; turbo brings the file back when it replays a run from its cache. */
const reports = {
  test: 'reports/vitest.json',
  slow: 'reports/slow.json',
  e2e: 'reports/e2e.json',
  cluster: 'reports/cluster.json',
};

export type Suite = keyof typeof reports;

export interface TestRun {
  envoyPath: string;
  /** Aborted by Ctrl-C. */
  stop: AbortSignal;
  /** Which test files: parts of their paths. Without it all. */
  files?: string[];
  /** For the tests themselves. */
  env?: Record<string, string>;
}

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

/** Runs vitest in every package that has one of these scripts. A suite that ran and left no report counts as a failure. */
export async function runSuites(scripts: Suite[], run: TestRun): Promise<Totals[]> {
  const older = scripts.map((script) => `{packages/*,services/*,e2e,tooling}/${reports[script]}`);
  for (const old of globSync(older, { cwd: config.root })) rmSync(join(config.root, old));
  const tasks = await runTurbo(scripts, run, run.files);
  return tasks.map(({ taskId, task, directory, exitCode }) => {
    const totals = readReport(join(config.root, directory, reports[task as Suite]));
    if (totals && (totals.failed > 0 || exitCode === 0)) return totals;
    console.log(
      `${taskId} ended with exit code ${exitCode} ${totals ? 'beside its tests' : 'and left no report'}`,
    );
    return addTotals(totals ?? { passed: 0, failed: 0, skipped: 0 }, { passed: 0, failed: 1, skipped: 0 });
  });
}

/** Lint and types of one package are one check each. */
export function countChecks(tasks: TurboTask[]): Totals[] {
  return tasks.map(({ taskId, exitCode }) => {
    if (exitCode !== 0) console.log(`${taskId} ended with exit code ${exitCode}`);
    return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
  });
}

/** Runs tasks in every package that has a script for them, to the end even when some fail. @returns their outcome */
export async function runTurbo(
  tasks: string[],
  { envoyPath, stop, env }: TestRun,
  scriptArgs: string[] = [],
): Promise<TurboTask[]> {
  const options = [
    '--continue',
    '--summarize',
    '--output-logs=new-only',
    '--no-update-notifier',
    concurrency,
  ];
  const startedAt = Date.now();
  const child = spawn(turboBinary, ['run', ...tasks, ...options, '--', ...scriptArgs], {
    cwd: config.root,
    env: { ...toolEnvironment(), ...turboEnvironment, ...env, ENVOY_PATH: envoyPath },
    stdio: 'inherit',
  });
  const interrupt = () => child.kill('SIGINT');
  stop.addEventListener('abort', interrupt);
  await once(child, 'exit');
  stop.removeEventListener('abort', interrupt);
  if (stop.aborted) throw new UserError('Interrupted.');
  return readTurboSummary(config.root, tasks, startedAt);
}

/** Prints what failed and the totals, and sets the exit code. */
export function reportTotals(totals: Totals[]): void {
  const sum = totals.reduce(addTotals);
  process.exitCode = sum.failed > 0 ? 1 : 0;
  console.log(formatTotals(sum));
}
