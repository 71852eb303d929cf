import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '@meshmart/processes/find-program';
import { isAlive } from '@meshmart/processes/process-identity';
import { runTool } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { restoreHostSettings } from './host-settings.ts';
import { type ClusterLayout, clustersDirectory } from './layout.ts';
import { findNode } from './node-process.ts';
import { listClusters } from './settings.ts';

/** Ends the node's process tree, which ends its mounts and network, and removes its interface, cgroups and files. */
export async function removeNode(layout: ClusterLayout): Promise<void> {
  await endProcesses(layout);
  await removeInterface(layout);
  await removeCgroups(layout);
  removeFiles(layout);
}

/** Kills the node. The kernel ends all processes of a PID namespace with its PID 1, which disappears last. */
async function endProcesses(layout: ClusterLayout): Promise<void> {
  for (let node = findNode(layout); node; node = findNode(layout)) {
    const { root, init } = node;
    process.kill(root.pid, 'SIGKILL');
    while (isAlive(root) || (init && isAlive(init))) await sleep(20);
  }
}

/** Deletes the host's interface. The kernel also does it with the node's network, but later. */
async function removeInterface({ hostInterface }: ClusterLayout): Promise<void> {
  const exists = () => existsSync(`/sys/class/net/${hostInterface}`);
  const ip = await findProgram('ip', `${config.searchPath}:/usr/sbin:/sbin`);
  if (exists() && ip) await runTool(ip, ['link', 'delete', hostInterface]).catch(() => {});
  while (exists()) await sleep(50);
}

/** Removes the cgroups. The kernel refuses for a moment after the last process has ended. */
async function removeCgroups({ cgroup }: ClusterLayout): Promise<void> {
  for (const folder of findCgroups(cgroup)) {
    while (existsSync(folder)) {
      removeTree(folder);
      if (existsSync(folder)) await sleep(50);
    }
  }
}

/** Finds the cluster's cgroups. In version 1 each controller has a separate tree. */
function findCgroups(cgroup: string): string[] {
  const root = '/sys/fs/cgroup';
  const trees = [root, ...readdirSync(root).map((name) => join(root, name))];
  return trees.map((tree) => join(tree, cgroup)).filter((folder) => existsSync(folder));
}

function removeTree(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EBUSY', 'ENOENT', 'ENOTEMPTY'].includes(code)) throw error;
  }
}

function removeFiles({ state, name }: ClusterLayout): void {
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${state}/`));
  if (mounted.length > 0) {
    throw new UserError(
      `The folder of cluster "${name}" contains mounts. Remove them first: umount ${mounted.join(' ')}`,
    );
  }
  rmSync(state, { recursive: true, force: true });
  if (listClusters().length > 0) return;
  restoreHostSettings();
  if (readdirSync(clustersDirectory).length === 0) rmdirSync(clustersDirectory);
}
