import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@meshmart/test-support/eventually';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { identify } from '../src/process-identity.ts';
import { createRestartPolicy } from '../src/restart-policy.ts';
import type { RecordedProcess } from '../src/run-record.ts';
import { createSupervisor, type ProcessSpec } from '../src/supervisor.ts';

function setUp() {
  const logDirectory = temporaryFolder();
  const lines: string[] = [];
  let running: RecordedProcess[] = [];
  const supervisor = createSupervisor({
    logDirectory,
    report: (line) => lines.push(line),
    record: (processes) => {
      running = processes;
    },
  });
  onTestFinished(() => supervisor.stop(supervisor.names(), 100));
  return {
    supervisor,
    logDirectory,
    lines,
    pidOf: (name: string) => running.find((one) => one.name === name)?.pid,
  };
}

function shell(name: string, script: string): ProcessSpec {
  return {
    name,
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    stopSignal: 'SIGTERM',
  };
}

test('restarts a killed process, and reports it in one line with the log', async () => {
  const { supervisor, lines, pidOf, logDirectory } = setUp();
  let deaths = 0;
  supervisor.start({ ...shell('product', 'sleep 100'), onDeath: () => deaths++ });
  const first = pidOf('product') as number;
  process.kill(first, 'SIGKILL');
  await eventually(() => pidOf('product') !== undefined && pidOf('product') !== first);
  expect(lines).toEqual([
    `product was killed by SIGKILL; restarting it (log: ${join(logDirectory, 'product.log')})`,
  ]);
  expect(deaths).toBe(1);
});

test('gives up after five deaths within a minute, and names the log and the advice', async () => {
  const { supervisor, lines, logDirectory } = setUp();
  supervisor.start({ ...shell('postgres', 'echo broken; exit 3'), advice: 'or start with fresh data' });
  await expect(supervisor.failure).rejects.toThrow(
    `postgres does not stay alive (ended with exit code 3); read ${join(logDirectory, 'postgres.log')}, or start with fresh data`,
  );
  expect(lines).toHaveLength(4);
  expect(readFileSync(join(logDirectory, 'postgres.log'), 'utf8')).toBe('broken\n'.repeat(5));
});

test('gives up on a missing program', async () => {
  const { supervisor } = setUp();
  supervisor.start({ ...shell('envoy', ''), command: '/nowhere/envoy' });
  await expect(supervisor.failure).rejects.toThrow(
    /envoy does not stay alive \(spawn .nowhere.envoy ENOENT\)/,
  );
});

test('does not give up after rare deaths', () => {
  const policy = createRestartPolicy();
  for (let minute = 0; minute < 20; minute++) expect(policy.recordDeath(minute * 20_000)).toBeDefined();
  expect([1, 2, 3].map((second) => policy.recordDeath(20 * 20_000 + second))).toContain(undefined);
});

test('stops a process with its stop signal', async () => {
  const { supervisor, logDirectory, lines } = setUp();
  supervisor.start({
    ...shell('postgres', 'trap "echo fast; exit 0" INT; echo up; while :; do sleep 0.05; done'),
    stopSignal: 'SIGINT',
  });
  const log = () => readFileSync(join(logDirectory, 'postgres.log'), 'utf8');
  await eventually(() => log().includes('up'));
  await supervisor.stop(['postgres'], 5000);
  expect(log()).toBe('up\nfast\n');
  expect(lines).toEqual([]);
});

test('kills a process that does not stop in time, with its children', async () => {
  const { supervisor, pidOf, logDirectory } = setUp();
  supervisor.start(shell('stubborn', 'trap "" TERM; sleep 100 & echo $!; while :; do sleep 1; done'));
  const child = Number(
    await eventually(() => readFileSync(join(logDirectory, 'stubborn.log'), 'utf8') || undefined),
  );
  await supervisor.stop(['stubborn'], 200);
  expect(pidOf('stubborn')).toBeUndefined();
  await eventually(() => identify(child) === undefined);
});

test('a second Ctrl-C kills at once', async () => {
  const { supervisor } = setUp();
  supervisor.start(shell('stubborn', 'trap "" TERM; while :; do sleep 1; done'));
  const force = new AbortController();
  const stopped = supervisor.stop(['stubborn'], 60_000, force.signal);
  force.abort();
  await stopped;
});

test('starts nothing after it was closed', () => {
  const { supervisor, pidOf } = setUp();
  supervisor.close();
  expect(() => supervisor.start(shell('product', 'sleep 100'))).toThrow(/product was not started/);
  expect(pidOf('product')).toBeUndefined();
});

test('removes the socket that a killed process has left behind', async () => {
  const { supervisor, logDirectory } = setUp();
  mkdirSync(join(logDirectory, 'run'));
  const socket = join(logDirectory, 'run/app.sock');
  writeFileSync(socket, '');
  supervisor.start({
    ...shell('product', `[ -e ${socket} ] && echo still there; echo looked; sleep 100`),
    sockets: [socket],
  });
  await eventually(() => readFileSync(join(logDirectory, 'product.log'), 'utf8') === 'looked\n');
});
