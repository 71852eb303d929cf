import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '@meshmart/processes/process-identity';
import { writeExecutable } from '@meshmart/test-support/executable';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { layoutOfCluster } from '../src/layout.ts';
import { findNode } from '../src/node-process.ts';

const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Starts a process with the command line of a node's script, or of another program. */
async function start(folder: string, script: string, name: string): Promise<ChildProcess> {
  const file = writeExecutable(join(folder, script), 'echo; read wait');
  const child = spawn(file, [name]);
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
  return child;
}

async function setUp({ script = 'cluster/from-source/node/enter.sh', name = 'test' } = {}) {
  const folder = temporaryFolder();
  const { pid = 0 } = await start(folder, script, name);
  const layout = { ...layoutOfCluster({ name: 'test', index: 0 }), state: folder };
  const record = { ...identify(pid), bootId };
  const find = (changed: object) => {
    writeFileSync(join(folder, 'process.json'), JSON.stringify({ ...record, ...changed }));
    return findNode(layout);
  };
  return { find, layout, pid };
}

test('finds the node by its record', async () => {
  const { find, pid } = await setUp();
  expect(find({})).toEqual({ root: identify(pid), init: undefined });
});

test.each([
  ['another start time', { startTime: '1' }],
  ['another boot', { bootId: 'a5b0c5a6-0000-4000-8000-000000000000' }],
  ['no process', { pid: 4_194_303 }],
  ['every process', { pid: -1 }],
])('finds no node by a record with %s', async (_case, changed) => {
  const { find } = await setUp();
  expect(find(changed)).toBeUndefined();
});

test.each([
  ["a stranger's program", { script: 'somewhere/else.sh' }],
  ["another cluster's node", { name: 'another' }],
])('finds no node if the record names %s', async (_case, what) => {
  const { find } = await setUp(what);
  expect(find({})).toBeUndefined();
});

test('finds no node of a cluster that was never started', () => {
  expect(
    findNode({ ...layoutOfCluster({ name: 'test', index: 0 }), state: temporaryFolder() }),
  ).toBeUndefined();
});
