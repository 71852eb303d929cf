import { readdirSync, readFileSync } from 'node:fs';
import type { MemoryUse } from '@meshmart/cluster/provider';
import type { ClusterLayout } from './layout.ts';
import { findNode } from './node-process.ts';

/** Measures the proportional set size of the cluster's processes: shared pages are divided among them. */
export function measureMemory(layout: ClusterLayout): MemoryUse {
  const use = { nodeBytes: 0, podBytes: 0 };
  for (const pid of findProcesses(layout)) {
    const isPod = readProc(pid, 'cgroup').includes(`/${layout.cgroup}/kubepods`);
    const [, kibibytes = '0'] = /^Pss:\s+(\d+) kB$/m.exec(readProc(pid, 'smaps_rollup')) ?? [];
    use[isPod ? 'podBytes' : 'nodeBytes'] += Number(kibibytes) * 1024;
  }
  return use;
}

/** Lists the process ids of the node's root process and all its descendants. */
export function findProcesses(layout: ClusterLayout): number[] {
  const root = findNode(layout)?.root.pid;
  if (root === undefined) return [];
  const found = [root];
  for (const pid of found) {
    for (const thread of listThreads(pid)) {
      const children = readProc(pid, `task/${thread}/children`).split(' ').filter(Boolean);
      found.push(...children.map(Number));
    }
  }
  return found;
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // the process has ended
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}
