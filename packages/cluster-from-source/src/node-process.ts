import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '@meshmart/processes/process-identity';
import type { ClusterLayout } from './layout.ts';

/** The two processes on which a node depends. */
interface NodeProcesses {
  /** Process whose end ends the node. */
  root: ProcessIdentity;
  /** PID 1 of the node, with its number on the host. Undefined while the node starts. */
  init: ProcessIdentity | undefined;
}

/**
 * Finds the running processes of a cluster's node. Process id, start time and boot must match the record that the node
 * has written (start.sh), and the command line must be the node's: the kernel may have reused the id.
 *
 * @returns undefined if the node does not run
 */
export function findNode({ state, name }: ClusterLayout): NodeProcesses | undefined {
  const record = readRecord(join(state, 'process.json'));
  if (!record || record.bootId !== readText('/proc/sys/kernel/random/boot_id').trim()) return undefined;
  if (!Number.isInteger(record.pid) || record.pid <= 1 || !isAlive(record)) return undefined;
  const [script = '', argument] = readText(`/proc/${record.pid}/cmdline`).split('\0').slice(-3);
  if (!script.includes('/cluster/from-source/node/') || argument !== name) return undefined;
  const children = readText(`/proc/${record.pid}/task/${record.pid}/children`).split(' ').filter(Boolean);
  const { pid, startTime } = record;
  return { root: { pid, startTime }, init: children[0] ? identify(Number(children[0])) : undefined };
}

function readRecord(file: string): (ProcessIdentity & { bootId: string }) | undefined {
  const text = readText(file);
  return text ? JSON.parse(text) : undefined;
}

/** Reads a file. @returns an empty text if the file or the process does not exist */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
