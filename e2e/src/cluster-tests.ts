import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { assertCanBeNode } from '@meshmart/cluster-from-source/preconditions';
import { toolEnvironment } from '@meshmart/processes/environment';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { runSuites, type TestRun } from './test-suites.ts';
import type { Totals } from './test-totals.ts';

const name = 'test';
/** Helm brings the store from the working tree, which needs no commit. */
const how = '--no-gitops';

/**
 * Brings a cluster up, runs these proofs on it, and removes it. Where that is not possible, or takes too long, it says so and there
 * are no totals: nothing has failed, and nothing was proven.
 *
 * @param upBy when the cluster has to be up, as `Date.now()` tells it: the first time it is built, which takes long on a slow machine
 */
export async function runClusterTests(run: TestRun, upBy: number): Promise<Totals[]> {
  const unfit = await assertCanBeNode().then(
    () => '',
    ({ message }) => message,
  );
  if (unfit) return tellNotRun(run, unfit);
  const command = `./meshmart cluster up ${how}`;
  const inTime = AbortSignal.timeout(Math.max(0, upBy - Date.now()));
  try {
    const code = await cluster(['up', '--provider', 'from-source', how], AbortSignal.any([inTime, run.stop]));
    if (run.stop.aborted) throw new UserError('Interrupted.');
    if (inTime.aborted)
      return tellNotRun(run, `the cluster was not up in time; build it once with: ${command}`);
    if (code !== 0) return [{ passed: 0, failed: 1, skipped: 0, failures: [command] }];
    return await runSuites(['cluster'], { ...run, env: { ...run.env, TEST_CLUSTER: name } });
  } finally {
    await cluster(['down']);
  }
}

function tellNotRun({ files = [] }: TestRun, reason: string): Totals[] {
  console.log(`The proofs on a cluster (${files.join(', ')}) did NOT run: ${reason}`);
  return [];
}

/** @returns the exit code */
async function cluster([action = '', ...options]: string[], end?: AbortSignal): Promise<number | null> {
  const args = [join(config.root, 'meshmart.mjs'), 'cluster', action, '--name', name, ...options];
  const child = spawn(process.execPath, args, { env: toolEnvironment(), stdio: 'inherit' });
  const interrupt = () => child.kill('SIGINT');
  end?.addEventListener('abort', interrupt);
  if (end?.aborted) interrupt();
  const [code] = await once(child, 'exit');
  end?.removeEventListener('abort', interrupt);
  return code;
}
