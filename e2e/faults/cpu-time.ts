import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts a process's time in these: USER_HZ, which is 100 wherever Linux runs Node. */
const ticksPerS = 100;

interface Owner {
  pid: number;
  name: string;
}

/** Seconds of CPU that processes have used so far, with all that they have started, by the name of their owner. */
export function readCpuTimes(owners: Owner[]): Map<string, number> {
  const names = new Map(owners.map(({ pid, name }) => [pid, name]));
  const processes = new Map(readProcesses().map((one) => [one.pid, one]));
  const ownerOf = (pid: number): string | undefined =>
    pid === 0 ? undefined : (names.get(pid) ?? ownerOf(processes.get(pid)?.parent ?? 0));
  const times = new Map<string, number>();
  for (const { pid, cpuS } of processes.values()) {
    const name = ownerOf(pid);
    if (name) times.set(name, (times.get(name) ?? 0) + cpuS);
  }
  return times;
}

function readProcesses(): { pid: number; parent: number; cpuS: number }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = readStat(pid);
    if (!stat) return [];
    // After the name in brackets, which may hold anything: state, parent, … ; utime and stime are the 14th and 15th of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return [{ pid: Number(pid), parent: Number(fields[1]), cpuS: ticks / ticksPerS }];
  });
}

/** @returns undefined when the process has ended meanwhile */
function readStat(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}
