import { join } from 'node:path';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { type ClusterAccess, runHelm, runKubectl } from './access.ts';

/** A Helm release of a chart of this repository. */
export interface Release {
  name: string;
  namespace: string;
  /** Folder in charts/. */
  chart: string;
  /** Further arguments of Helm. */
  values?: string[];
}

/** Installs or upgrades a chart of this repository, and waits until its pods are ready. Safe to repeat. */
export async function installChart(
  access: ClusterAccess,
  release: Release,
  options: ToolOptions,
): Promise<void> {
  const { name, namespace, chart, values = [] } = release;
  await forgetInterrupted(access, release, options);
  const args = ['upgrade', '--install', name, join(config.root, 'charts', chart), '--namespace', namespace];
  const waiting = ['--reset-then-reuse-values', '--wait', '--timeout', '10m'];
  await runHelm(access, [...args, ...values, ...waiting], options);
}

/** Deletes the record of an interrupted release: with it, Helm refuses to continue. */
async function forgetInterrupted(access: ClusterAccess, { name, namespace }: Release, options: ToolOptions) {
  const pending = `owner=helm,name=${name},status in (pending-install,pending-upgrade,pending-rollback)`;
  await runKubectl(access, ['delete', 'secret', '-n', namespace, '--selector', pending], options);
}
