import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runKubectl } from '@meshmart/cluster/access';
import { GATEWAY_NODE_PORT } from '@meshmart/cluster/provider';
import { lastLine } from '@meshmart/processes/run-tool';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import { accessTo } from './access.ts';
import { debianProgramsFolder } from './debian-packages.ts';
import { type ClusterLayout, nodeScripts, PAUSE_IMAGE } from './layout.ts';
import { findNode } from './node-process.ts';
import { toolFolder } from './tools.ts';

/** Starts the node unless it runs. It outlives this process. @throws UserError if it ends at once */
export async function startNode(layout: ClusterLayout, port: number): Promise<void> {
  if (findNode(layout)) return;
  mkdirSync(layout.state, { recursive: true, mode: 0o700 });
  const log = openSync(layout.nodeLog, 'a', 0o600);
  const child = spawn(join(nodeScripts, 'start.sh'), [layout.name], {
    env: nodeEnvironment(layout, port),
    cwd: '/', // the node must not keep a folder of the user busy
    stdio: ['ignore', log, log],
    detached: true,
  });
  await once(child, 'spawn');
  child.unref();
  while (!findNode(layout)?.init) {
    if (child.exitCode !== null || child.signalCode) throw nodeEnded(layout);
    await sleep(50);
  }
}

/** Ten seconds are usual, but a busy machine may need minutes. */
const readyWithinMs = 600_000;

/** Waits until the node is ready. @throws UserError if it ends, or is not ready after 10 minutes */
export async function waitForNode(layout: ClusterLayout, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline) {
    const wait = ['wait', '--for=condition=Ready', `node/${layout.name}`, '--timeout=1s'];
    const isReady = await runKubectl(accessTo(layout), wait).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    throwIfInterrupted(signal);
    if (!findNode(layout)) throw nodeEnded(layout);
    await sleep(200);
  }
  const minutes = readyWithinMs / 60_000;
  throw new UserError(`The node is not ready after ${minutes} minutes. Logs: ${layout.logs}`);
}

function nodeEnded({ nodeLog, name }: ClusterLayout): UserError {
  const reason = lastLine(readFileSync(nodeLog, 'utf8'));
  return new UserError(
    `The node has ended: ${reason} (${nodeLog})\nDelete the cluster and create it again: ./meshmart cluster down --name ${name}`,
  );
}

function nodeEnvironment(layout: ClusterLayout, port: number): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    NAME: layout.name,
    STATE: layout.state,
    CGROUP: layout.cgroup,
    HOST_INTERFACE: layout.hostInterface,
    HOST_ADDRESS: layout.hostAddress,
    NODE_ADDRESS: layout.nodeAddress,
    POD_RANGE: layout.podRange,
    SERVICE_RANGE: layout.serviceRange,
    API_ADDRESS: layout.apiAddress,
    DNS_ADDRESS: layout.dnsAddress,
    PORT: String(port),
    GATEWAY_NODE_PORT: String(GATEWAY_NODE_PORT),
    PAUSE_IMAGE,
    NODE_BINARY: process.execPath,
    KUBERNETES: toolFolder('kubernetes'),
    COREDNS: toolFolder('coredns'),
    DEBIAN_PROGRAMS: debianProgramsFolder(),
  };
}
