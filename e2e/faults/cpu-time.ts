import { readdirSync, readFileSync } from 'node:fs';

/** Unit of CPU time in /proc: USER_HZ, which is 100 on every platform where Linux runs Node. */
const ticksPerS = 100;

interface Owner {
  pid: number;
  name: string;
}

/** Returns the CPU seconds that processes and their descendants have used, by the owner's name. */
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
    // Fields follow the name, which is in brackets and may contain anything. utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return [{ pid: Number(pid), parent: Number(fields[1]), cpuS: ticks / ticksPerS }];
  });
}

/** @returns undefined for a process that has ended */
function readStat(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}
