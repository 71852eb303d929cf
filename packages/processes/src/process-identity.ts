import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Identifies a process for good: a pid is reused, a pid with its start time is not. */
export interface ProcessIdentity {
  pid: number;
  /** In the system's own format; only for comparison. */
  startTime: string;
}

/** Returns the identity of a process; undefined when there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === 'linux' ? readStartTime(pid) : askForStartTime(pid);
  return startTime ? { pid, startTime } : undefined;
}

/** Returns whether this very process still runs. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime;
}

/**
 * Reads field 22 of proc_pid_stat(5). The program's name, in brackets, may contain anything. A zombie (field
 * 3) with several threads (field 20) still has open sockets, so it counts as alive.
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

/**
 * Asks ps(1), on systems without /proc. Language and time zone are fixed, because another process compares the
 * text, such as the guard, which has an empty environment.
 */
export function askForStartTime(pid: number): string | undefined {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  try {
    process.kill(pid, 0); // notices most dead processes at once, without a program
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  try {
    const output = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', env });
    const [state = '', ...startTime] = output.trim().split(/\s+/);
    return state.startsWith('Z') ? undefined : startTime.join(' ');
  } catch {
    return undefined; // ps fails when there is no such process
  }
}
