import { findRunningCluster, type RunningCluster } from '@meshmart/cluster-lifecycle/running';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    cluster: string;
  }
}

/** Starts one cluster for all tests, unless TEST_CLUSTER names a running one, which is kept. */
export default async function setup({ provide }: TestProject) {
  const { TEST_CLUSTER: existing } = process.env;
  const name = existing ?? 'e2e-standing';
  provide('cluster', name);
  if (existing) return;
  await runCluster('up', name, '--provider', 'from-source', '--no-gitops').catch(async (error) => {
    await runCluster('down', name);
    throw error;
  });
  return () => runCluster('down', name);
}

/** Runs the command `cluster`. @throws with its output when it fails */
export async function runCluster(action: string, name: string, ...how: string[]): Promise<void> {
  const args = [entry, 'cluster', action, '--name', name, ...how];
  const { code, output } = await runToEnd(process.execPath, args, plainEnvironment);
  if (code !== 0) throw new Error(`cluster ${action} failed:\n${output}`);
}

/** Returns the cluster on which the store runs during the tests. */
export function findStandingCluster(): RunningCluster {
  return findRunningCluster(inject('cluster'));
}
