import { join } from 'node:path';
import { assertCanBeNode } from '@meshmart/cluster-from-source/preconditions';
import { config } from '@meshmart/toolchain/config';
import { assertNotInterrupted, countFailures, runTests, runToEnd, type TestRun } from './run-tests.ts';
import type { Counts } from './totals.ts';

const name = 'test';
/** Helm installs the store from the working tree, which needs no commit. */
const how = '--no-gitops';

/**
 * Starts a cluster, runs these tests on it, and removes it. If a cluster is impossible or takes too long, prints the
 * reason and counts nothing.
 *
 * @param deadline when the cluster must be up, in ms since the epoch; the very first start builds its programs
 */
export async function runClusterTests(run: TestRun, deadline: number): Promise<Counts[]> {
  const unfit = await assertCanBeNode().then(
    () => '',
    ({ message }) => message,
  );
  if (unfit) return skip(run, unfit);
  const command = `./meshmart cluster up ${how}`;
  const timeout = AbortSignal.timeout(Math.max(0, deadline - Date.now()));
  try {
    const up = ['up', '--provider', 'from-source', how];
    const code = await cluster(up, AbortSignal.any([timeout, run.stop]));
    assertNotInterrupted(run.stop);
    if (timeout.aborted) return skip(run, `the cluster was not up in time; build it once with: ${command}`);
    if (code !== 0) return [countFailures([command])];
    return await runTests(['cluster'], { ...run, env: { ...run.env, TEST_CLUSTER: name } });
  } finally {
    await cluster(['down']);
  }
}

function skip({ files = [] }: TestRun, reason: string): Counts[] {
  console.log(`The tests on a cluster (${files.join(', ')}) did NOT run: ${reason}`);
  return [];
}

function cluster([action = '', ...options]: string[], stop?: AbortSignal): Promise<number | null> {
  const args = [join(config.root, 'meshmart.mjs'), 'cluster', action, '--name', name, ...options];
  return runToEnd(process.execPath, args, { stop });
}
