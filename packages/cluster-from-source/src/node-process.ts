import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '@meshmart/processes/process-identity';
import type { ClusterLayout } from './layout.ts';

export interface NodeProcesses {
  /** The process whose end ends the node. */
  root: ProcessIdentity;
  /** PID 1 of the node, as the host counts; undefined in the moment before it is there. */
  init: ProcessIdentity | undefined;
}

/**
 * The living processes of a cluster's node. Number, start time and boot have to be those that the node itself has written down
 * (start.sh), and the command line has to be the node's: a number that was used again, or another boot, is no node of ours.
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

/** @returns an empty text when there is no such file, or no such process any more */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
