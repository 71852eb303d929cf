import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { debianProgramsFolder } from './debian-packages.ts';
import type { ClusterLayout } from './layout.ts';
import { findNode } from './node-process.ts';

/** Imports archives into the node's containerd, unless they were imported before. */
export async function importImages(
  layout: ClusterLayout,
  archives: string[],
  options: ToolOptions,
): Promise<void> {
  // Records lie beside containerd's files, and are deleted with them.
  const records = join(layout.state, 'imported');
  mkdirSync(records, { recursive: true });
  for (const archive of archives) {
    const record = join(records, basename(archive));
    if (existsSync(record)) continue;
    await runCtr(layout, ['--namespace', 'k8s.io', 'images', 'import', archive], options);
    writeFileSync(record, '');
  }
}

/** Runs ctr on containerd's socket in the node's own /run, visible through /proc of its PID 1. */
function runCtr(layout: ClusterLayout, args: string[], options: ToolOptions): Promise<string> {
  const pid = findNode(layout)?.init?.pid;
  const socket = `/proc/${pid}/root/run/containerd/containerd.sock`;
  return runTool(join(debianProgramsFolder(), 'usr/bin/ctr'), ['--address', socket, ...args], options);
}
