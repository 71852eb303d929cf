import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const listening = '0A';

/** Returns the TCP ports on which processes listen, as `address:port`, from /proc. */
export function findListeners(pids: number[]): string[] {
  const inodes = new Set(pids.flatMap(socketsOf));
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8').trim().split('\n').slice(1),
  );
  const found = tables
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening && inodes.has(fields[9] as string))
    .map((fields) => formatAddress(fields[1] as string));
  return [...new Set(found)].sort();
}

/** Returns the processes and all their descendants. */
export function withDescendants(pids: number[]): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {} // it has ended
  }
  const all = new Set(pids);
  for (let size = 0; size !== all.size; ) {
    size = all.size;
    for (const [pid, parent] of parents) if (all.has(parent)) all.add(pid);
  }
  return [...all];
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [];
    } catch {
      return []; // it is closed
    }
  });
}

/** Reads the kernel's little-endian notation: 0100007F:1F90 is 127.0.0.1:8080. */
function formatAddress(text: string): string {
  const [address = '', port = ''] = text.split(':');
  const bytes = address.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  const name = bytes.length === 4 ? bytes.reverse().join('.') : address;
  return `${name}:${Number.parseInt(port, 16)}`;
}
