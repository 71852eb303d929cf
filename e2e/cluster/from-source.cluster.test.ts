import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runKubectl } from '@meshmart/cluster/access';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { accessTo } from '@meshmart/cluster-from-source/access';
import { findProcesses } from '@meshmart/cluster-from-source/memory';
import { findNode } from '@meshmart/cluster-from-source/node-process';
import { findCluster } from '@meshmart/cluster-from-source/settings';
import { identify } from '@meshmart/processes/process-identity';
import { eventually } from '@meshmart/test-support/eventually';
import { type Ended, entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listProcesses, namespacesOf, readHostState } from './host-state.ts';
import { findStandingCluster } from './standing-cluster.ts';
import { beginRequests, type SteadyRequests } from './steady-requests.ts';

const name = 'e2e';
const patienceMs = 300_000;
/** Time in which a restarted program may disturb others, as the kubelet of Kubernetes 1.34 does. */
const settleMs = 8_000;

let before: ReturnType<typeof readHostState>;
/** Kernel namespaces that the clusters have used. */
const seenNamespaces = new Set<string>();

beforeAll(() => {
  before = readHostState(name);
});

afterAll(() => cluster('down', name));

function cluster(action: string, of: string, ...options: string[]): Promise<Ended> {
  return runToEnd(
    process.execPath,
    [entry, 'cluster', action, '--provider', 'from-source', '--name', of, ...options],
    plainEnvironment,
  );
}

function find(of: string) {
  const found = findCluster(of);
  if (!found) throw new Error(`there is no cluster "${of}"`);
  return found;
}

const layoutOf = (of: string) => find(of).layout;

/** Returns the processes of a node and its pods, which have namespaces of their own. */
function noteNamespaces(of: string): number[] {
  const own = namespacesOf([process.pid]);
  const processes = findProcesses(layoutOf(of));
  for (const namespace of namespacesOf(processes)) if (!own.has(namespace)) seenNamespaces.add(namespace);
  return processes;
}

test('a second "up" continues after the first was killed during the start', async () => {
  const args = [entry, 'cluster', 'up', '--provider', 'from-source', '--name', name, '--no-gitops'];
  const killed = spawn(process.execPath, args, { cwd: config.root, env: plainEnvironment, stdio: 'ignore' });
  await eventually(() => findCluster(name) && findNode(layoutOf(name))?.init !== undefined, patienceMs);
  const root = findNode(layoutOf(name))?.root;
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  const { code, output } = await cluster('up', name);
  expect(code, output).toBe(0);
  expect(output).toMatch(/^✔ Smoke test: /m);
  expect(output).toContain(`Shop         http://127.0.0.1:${find(name).port}/shop\n`);
  expect(findNode(layoutOf(name))?.root, 'the node that had begun').toEqual(root);
  expect(noteNamespaces(name).length).toBeGreaterThan(20);
});

test('"status" describes the cluster', async () => {
  const { code, output } = await cluster('status', name);
  expect(code, output).toBe(0);
  expect(output).toMatch(/^Node +e2e, ready$/m);
  expect(output).toMatch(/^Memory +\d+ MiB: node \d+ MiB, pods \d+ MiB$/m);
  expect(output).toMatch(/^Requests +\d+m CPU, \d+ MiB of \d+ pods$/m);
  expect(output).toMatch(/^istio-system +istiod-\S+ +1\/1 +Running$/m);
});

describe('while customers read the catalogue', () => {
  let requests: SteadyRequests;
  beforeAll(() => {
    requests = beginRequests(`http://127.0.0.1:${find(name).port}`);
  });
  beforeEach(() => void requests.take());
  afterAll(() => requests.stop());

  test.each(['containerd', 'kubelet', 'kube-apiserver', 'kube-proxy', 'coredns'])(
    '%s restarts after a kill without a failed request',
    async (program) => {
      const findProgram = () =>
        findProcesses(layoutOf(name)).find((pid) => nameOf(pid) === program.slice(0, 15));
      const pid = findProgram();
      process.kill(pid as number, 'SIGKILL');
      await eventually(() => {
        const now = findProgram();
        return now !== undefined && now !== pid;
      });
      await waitFor(`node/${name}`, 'Ready');
      await sleep(settleMs);
      expect(Object.keys(requests.take())).toEqual(['200']);
    },
  );

  test('a deleted pod is replaced without a failed request', async () => {
    const access = accessTo(layoutOf(name));
    const ofProduct = ['-n', STORE_NAMESPACE, '--selector', 'app=product,version=v1'];
    const [pod = ''] = (await runKubectl(access, ['get', 'pods', ...ofProduct, '--output', 'name'])).split(
      '\n',
    );
    await runKubectl(access, ['delete', pod, '-n', STORE_NAMESPACE, '--timeout=2m']);
    await runKubectl(access, [
      'rollout',
      'status',
      'deployment/product-v1',
      '-n',
      STORE_NAMESPACE,
      '--timeout=3m',
    ]);
    await sleep(settleMs);
    expect(Object.keys(requests.take())).toEqual(['200']);
  });

  test('a service recovers after all its processes are killed', async () => {
    const services = findProcesses(layoutOf(name)).filter((pid) => isProduct(pid));
    expect(services.length).toBeGreaterThanOrEqual(2);
    for (const pid of services) process.kill(pid, 'SIGKILL');
    await eventually(() => Object.keys(requests.take()).some((outcome) => outcome !== '200'), patienceMs);
    await eventually(async () => {
      requests.take();
      await sleep(2000);
      return Object.keys(requests.take()).join() === '200';
    }, patienceMs);
  });
});

test('a second "up" changes nothing and keeps the settings', async () => {
  const root = findNode(layoutOf(name))?.root;
  const { code, output } = await cluster('up', name);
  expect(code, output).toBe(0);
  expect(findNode(layoutOf(name))?.root).toEqual(root);
  const other = await cluster('up', name, '--port', '9999');
  expect(other.code).toBe(1);
  expect(other.output).toContain('To change it');
});

test('"down" leaves nothing behind, and does not affect another cluster', async () => {
  const processes = noteNamespaces(name);
  expect((await cluster('down', name)).code).toBe(0);
  expect(processes.filter((pid) => identify(pid) !== undefined)).toEqual([]);
  const held = namespacesOf(listProcesses());
  expect([...seenNamespaces].filter((namespace) => held.has(namespace))).toEqual([]);
  expect(readHostState(name)).toEqual(before);
  const standing = findStandingCluster();
  expect((await cluster('status', standing.name)).code).toBe(0);
  const again = await cluster('down', name);
  expect(again).toEqual({ code: 0, output: `There is no cluster "${name}".\n` });
});

async function waitFor(object: string, condition: string): Promise<void> {
  const wait = ['wait', `--for=condition=${condition}`, object, '--timeout=1s'];
  await eventually(() => runKubectl(accessTo(layoutOf(name)), wait).then(Boolean, () => false), patienceMs);
}

/** Tells whether a process is the product service. */
function isProduct(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === '/app/services/product';
  } catch {
    return false; // it has ended
  }
}

/** Returns a process's name, of which the kernel keeps 15 characters. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // it has ended
  }
}
