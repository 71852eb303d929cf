import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshConfigError } from '@meshmart/local-mesh/problems';
import { eventually } from '@meshmart/test-support/eventually';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { requestOverSocket } from '../src/control/client.ts';
import type { LiveMesh } from '../src/live-mesh.ts';
import { operateMesh } from '../src/mesh-operation.ts';

/** Serves the control socket of a mesh that only records the applied files. */
async function setUp() {
  const folder = temporaryFolder();
  const applied: string[][] = [];
  const lines: string[] = [];
  const standing = { isWrong: false };
  const done = { tookMs: 1, warnings: [] };
  const live: LiveMesh = {
    async apply(files) {
      if (files.some((file) => file.endsWith('wrong.yaml'))) {
        throw new MeshConfigError([
          {
            file: 'wrong.yaml',
            line: 3,
            resource: 'VirtualService product',
            field: 'spec',
            message: 'is wrong',
          },
        ]);
      }
      if (files.length === 0 && standing.isWrong) throw new Error('product.yaml:1: is wrong');
      applied.push(files);
      return done;
    },
    reload: async () => done,
    publishReadiness: async () => {},
    assertAccepted: async () => {},
  };
  const lifetimes: (number | undefined)[] = [];
  const setCertificateLifetime = async (lifetimeMs?: number) => void lifetimes.push(lifetimeMs);
  const controlSocket = join(folder, 'control.sock');
  const status = (overlay: object | null) => ({ overlay });
  const databases = () => ({ order: 'postgresql://localhost/meshmart_order' });
  onTestFinished(
    await operateMesh({
      live,
      setCertificateLifetime,
      controlSocket,
      status,
      databases,
      report: (line) => lines.push(line),
    }),
  );
  const call = (method: string, path: string, body?: object) =>
    requestOverSocket(controlSocket, path, { method, ...(body ? { body: JSON.stringify(body) } : {}) }).then(
      JSON.parse,
    );
  return { folder, controlSocket, applied, lifetimes, lines, standing, call };
}

async function startHolder() {
  const holder = spawn('sleep', ['100']);
  onTestFinished(() => void holder.kill());
  await once(holder, 'spawn');
  return { holder, pid: holder.pid as number };
}

test('returns the URLs of the databases to its owner only', async () => {
  const { call, controlSocket } = await setUp();
  expect(await call('GET', '/databases')).toEqual({ order: 'postgresql://localhost/meshmart_order' });
  expect(statSync(controlSocket).mode & 0o777).toBe(0o600);
});

test('gives short-lived certificates to the holder of the overlay, until it is removed or the holder dies', async () => {
  const { lifetimes, call } = await setUp();
  await call('PUT', '/certificates', { pid: process.pid, lifetimeS: 6 });
  expect(lifetimes).toEqual([]);
  await call('PUT', '/overlay', { pid: process.pid, experiment: 'certificate-rotation', files: [] });
  await call('PUT', '/certificates', { pid: process.pid, lifetimeS: 6 });
  await call('DELETE', '/overlay', { pid: process.pid });
  expect(lifetimes).toEqual([6000, undefined]);

  const { holder, pid } = await startHolder();
  await call('PUT', '/overlay', { pid, experiment: 'certificate-rotation', files: [] });
  await expect(call('PUT', '/certificates', { pid: process.pid, lifetimeS: 6 })).rejects.toThrow(
    'is running',
  );
  holder.kill();
  await eventually(() => lifetimes.length === 3);
  expect(lifetimes).toEqual([6000, undefined, undefined]);
});

test('applies the files of an experiment, names it, and removes them', async () => {
  const { folder, applied, call } = await setUp();
  const files = [join(folder, 'istio.yaml')];
  await call('PUT', '/overlay', { pid: process.pid, experiment: 'canary', files });
  expect(await call('GET', '/status')).toEqual({
    overlay: expect.objectContaining({ experiment: 'canary' }),
  });
  await call('DELETE', '/overlay', { pid: process.pid });
  expect(applied).toEqual([files, []]);
  expect(await call('GET', '/status')).toEqual({ overlay: null });
});

test('refuses a second experiment while the first one lives', async () => {
  const { call } = await setUp();
  const { pid } = await startHolder();
  await call('PUT', '/overlay', { pid, experiment: 'canary', files: [] });
  const refusal = `the experiment canary is running (pid ${pid}); wait until it has ended`;
  const second = { pid: process.pid, experiment: 'fault-delay', files: [] };
  await expect(call('PUT', '/overlay', second)).rejects.toThrow(refusal);
  await expect(call('DELETE', '/overlay', { pid: process.pid })).rejects.toThrow(refusal);
});

test('restores the standing mesh when the experiment is killed', async () => {
  const { folder, applied, lines, call } = await setUp();
  const { holder, pid } = await startHolder();
  const files = [join(folder, 'istio.yaml')];
  await call('PUT', '/overlay', { pid, experiment: 'canary', files });
  holder.kill('SIGKILL');
  await eventually(() => applied.length === 2);
  expect(applied[1]).toEqual([]);
  await eventually(() => lines.includes('The experiment canary has died; the standing mesh is restored'));
});

test('retries to restore it while a standing file is wrong, and reports that once', async () => {
  const { folder, applied, lines, standing, call } = await setUp();
  const { holder, pid } = await startHolder();
  await call('PUT', '/overlay', { pid, experiment: 'canary', files: [join(folder, 'istio.yaml')] });
  standing.isWrong = true;
  holder.kill('SIGKILL');
  await eventually(() => lines.length > 0);
  await sleep(1500);
  expect(lines).toEqual(['product.yaml:1: is wrong\nThe standing mesh is not restored yet; retrying']);
  expect(await call('GET', '/status')).toEqual({
    overlay: expect.objectContaining({ experiment: 'canary' }),
  });
  standing.isWrong = false;
  await eventually(() => applied.length === 2);
  await eventually(() => lines.includes('The experiment canary has died; the standing mesh is restored'));
  expect(await call('GET', '/status')).toEqual({ overlay: null });
});

test('reports why files are refused, and releases the overlay', async () => {
  const { call } = await setUp();
  const request = { pid: process.pid, experiment: 'canary', files: ['/somewhere/wrong.yaml'] };
  await expect(call('PUT', '/overlay', request)).rejects.toThrow(/wrong\.yaml:3: .*is wrong/);
  expect(await call('GET', '/status')).toEqual({ overlay: null });
});

test('refuses unknown requests', async () => {
  const { call } = await setUp();
  await expect(call('PUT', '/overlay', { files: 'all' })).rejects.toThrow(
    'expected { pid, experiment, files }',
  );
  await expect(call('GET', '/nothing')).rejects.toThrow('there is no GET /nothing');
});

test('reports a saved file of the experiment', async () => {
  const { folder, lines, call } = await setUp();
  const file = join(folder, 'istio.yaml');
  writeFileSync(file, '');
  await call('PUT', '/overlay', { pid: process.pid, experiment: 'canary', files: [file] });
  writeFileSync(file, '# changed');
  await eventually(() => lines.includes('istio.yaml is live in every proxy after 1 ms'));
});
