import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { debianProgramsFolder } from './debian-packages.ts';
import type { ClusterLayout } from './layout.ts';
import { findNode } from './node-process.ts';

/** Brings built images into the node's containerd; those that are there already are left alone. */
export async function importImages(
  layout: ClusterLayout,
  archives: string[],
  options: ToolOptions,
): Promise<void> {
  // What the node has is noted beside its containerd's files, and goes with them.
  const notes = join(layout.state, 'imported');
  mkdirSync(notes, { recursive: true });
  for (const archive of archives) {
    const note = join(notes, basename(archive));
    if (existsSync(note)) continue;
    await runCtr(layout, ['--namespace', 'k8s.io', 'images', 'import', archive], options);
    writeFileSync(note, '');
  }
}

/** containerd's socket is in the node's own /run, which the kernel shows below its PID 1. */
function runCtr(layout: ClusterLayout, args: string[], options: ToolOptions): Promise<string> {
  const pid = findNode(layout)?.init?.pid;
  const socket = `/proc/${pid}/root/run/containerd/containerd.sock`;
  return runTool(join(debianProgramsFolder(), 'usr/bin/ctr'), ['--address', socket, ...args], options);
}
