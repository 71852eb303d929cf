import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { clustersDirectory } from '@meshmart/cluster-from-source/layout';
import { listClusters } from '@meshmart/cluster-from-source/settings';
import { config } from '@meshmart/toolchain/config';

/** Default locations to which Kubernetes, Istio and their tools write. */
const folders = [
  ...['/var/lib', '/var/log', '/run', '/etc', '/opt', '/etc/cni', '/opt/cni', '/usr/libexec'],
  ...[homedir(), join(homedir(), '.config'), join(homedir(), '.cache'), config.root],
];

/** Lists everything on the machine that a node could leave behind, except what belongs to other clusters. */
export function readHostState(own: string): Record<string, string[]> {
  const others = listClusters().filter(({ layout }) => layout.name !== own);
  const theirs = others.flatMap(({ layout }) => [layout.cgroup, layout.hostInterface, clustersDirectory]);
  const isTheirs = (line: string) => theirs.some((name) => line.includes(name));
  const state = readEverything();
  return Object.fromEntries(
    Object.entries(state).map(([kind, lines]) => [kind, lines.filter((line) => !isTheirs(line)).sort()]),
  );
}

function readEverything(): Record<string, string[]> {
  return {
    mounts: readLines('/proc/self/mountinfo').map((line) => line.split(' ').slice(3).join(' ')),
    interfaces: run('ip', '-oneline', 'address').map((line) => line.replace(/ +valid_lft .*/, '')),
    routes: run('ip', 'route', 'show', 'table', 'all'),
    networkNamespaces: run('ip', 'netns', 'list'),
    firewall: ['iptables-save', 'ip6tables-save'].flatMap(readRules),
    cgroups: globSync('/sys/fs/cgroup/{,*/}meshmart-*'),
    settings: readSettings(),
    files: [
      ...folders.flatMap(list),
      ...list('/tmp').filter((path) => /kube|istio|meshmart-metrics|containerd|runc/.test(path)),
    ],
  };
}

/** Lists the kernel namespaces that processes use. */
export function namespacesOf(pids: number[]): Set<string> {
  const kinds = ['mnt', 'net', 'pid'];
  return new Set(
    pids.flatMap((pid) =>
      kinds.flatMap((kind) => {
        try {
          return readlinkSync(`/proc/${pid}/ns/${kind}`);
        } catch {
          return []; // it has ended
        }
      }),
    ),
  );
}

export function listProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Lists kernel settings without those that change by themselves, and without interfaces, which are listed above. */
function readSettings(): string[] {
  const changing =
    /^(fs\.(dentry-state|quota\.syncs|file-nr|inode-nr|inode-state)|kernel\.(ns_last_pid|random|pty\.nr)|net\.netfilter\.nf_conntrack_count)/;
  return run('sysctl', '--all').filter(
    (line) => !changing.test(line) && !/^net\.ipv[46]\.(conf|neigh)\.(?!all|default)/.test(line),
  );
}

/** Removes packet counters. */
function readRules(save: string): string[] {
  return run(save)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => `${folder}/${name}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function run(command: string, ...args: string[]): string[] {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  return execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).split(
    '\n',
  );
}

function readLines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n');
}
