import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process beyond doubt: numbers are used again, a number together with its start time is not. */
export interface ProcessIdentity {
  pid: number;
  /** As the system gives it; only good for comparing. */
  startTime: string;
}

/** @returns undefined when there is no such process, or only the remains that its parent has not collected yet */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === 'linux' ? readStartTime(pid) : askForStartTime(pid);
  return startTime ? { pid, startTime } : undefined;
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime;
}

/**
 * proc_pid_stat(5): the program's name stands in brackets and may hold anything; state is field 3, the number of threads field
 * 20, start time field 22. While other threads of a process still end, they have its sockets.
 */
function readStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isDead = fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[17]) <= 1);
    return isDead ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function askForStartTime(pid: number): string | undefined {
  try {
    const output = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim();
    return output.startsWith('Z') ? undefined : output.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}
