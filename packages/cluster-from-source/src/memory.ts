import { readdirSync, readFileSync } from 'node:fs';
import type { ClusterLayout } from './layout.ts';
import { findNode } from './node-process.ts';

/** Memory that the cluster's processes have, shared pages divided among those who share them (PSS). */
export interface MemoryUse {
  /** The node's own programs: control plane, kubelet, containerd, DNS, the forwarder. */
  nodeBytes: number;
  podBytes: number;
}

export function measureMemory(layout: ClusterLayout): MemoryUse {
  const use: MemoryUse = { nodeBytes: 0, podBytes: 0 };
  for (const pid of findProcesses(layout)) {
    const isPod = readProc(pid, 'cgroup').includes(`/${layout.cgroup}/kubepods`);
    const [, kibibytes = '0'] = /^Pss:\s+(\d+) kB$/m.exec(readProc(pid, 'smaps_rollup')) ?? [];
    use[isPod ? 'podBytes' : 'nodeBytes'] += Number(kibibytes) * 1024;
  }
  return use;
}

/** All processes below the node's root process. */
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
    return []; // it has ended meanwhile
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}
