import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { STANDING_RESOURCES } from '@meshmart/local-platform/mesh';
import { identify } from '@meshmart/processes/process-identity';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { type KubeObject, keyOf, listManifests, readObjects } from '../../src/on-cluster/manifests.ts';
import { createOverlay, waitUntilUnused } from '../../src/on-cluster/overlay.ts';
import { createFakeKube, type FakeKube } from './fake-kube.ts';

const standing = await readObjects(await listManifests(STANDING_RESOURCES));
const record = '/ConfigMap/experiment';
const store = 'networking.istio.io/VirtualService/store';
const extra = 'networking.istio.io/VirtualService/extra';

/** A cluster with the standing mesh, and a way to write manifests that replace or add resources. */
async function setUp() {
  const kube = createFakeKube();
  await kube.send('apply', standing);
  kube.calls.length = 0;
  const folder = temporaryFolder();
  const write = (file: string, ...names: string[]) => {
    const documents = names.map(
      (name) =>
        `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\nspec: {hosts: [${file}]}\n`,
    );
    writeFileSync(join(folder, file), documents.join('---\n'));
    return join(folder, file);
  };
  return { kube, write };
}

const firstHost = (object: KubeObject | undefined) =>
  (object?.spec as { hosts?: string[] } | undefined)?.hosts?.[0];
const hostOf = (kube: FakeKube, key: string) => firstHost(kube.objects.get(key));
const standingHost = firstHost(standing.find((object) => keyOf(object) === store));

test('applies files over the standing mesh, in place of the previous ones, and removes them', async () => {
  const { kube, write } = await setUp();
  const overlay = createOverlay(kube);
  await overlay.set('shift', [write('a.yaml', 'store', 'extra')]);
  expect([hostOf(kube, store), hostOf(kube, extra)]).toEqual(['a.yaml', 'a.yaml']);
  await overlay.set('shift', [write('b.yaml', 'store')]);
  expect([hostOf(kube, store), hostOf(kube, extra)]).toEqual(['b.yaml', undefined]);
  await overlay.clear();
  expect([hostOf(kube, store), hostOf(kube, extra)]).toEqual([standingHost, undefined]);
  expect([...kube.objects.keys()].filter((key) => /ConfigMap|mark/.test(key))).toEqual([]);
});

test('a later file replaces an earlier one', async () => {
  const { kube, write } = await setUp();
  const files = [write('a.yaml', 'store'), write('b.yaml', 'store')];
  await createOverlay(kube).set('shift', files);
  expect(hostOf(kube, store)).toBe('b.yaml');
});

test('takes the lock for an empty file, and keeps the standing mesh', async () => {
  const { kube, write } = await setUp();
  await createOverlay(kube).set('shift', [write('empty.yaml')]);
  expect(kube.objects.has(record)).toBe(true);
  expect(hostOf(kube, store)).toBe(standingHost);
});

test('records objects before it adds them', async () => {
  const { kube, write } = await setUp();
  const send = kube.send;
  kube.send = async (verb, objects, ...args) => {
    if (verb === 'apply' && objects.some(({ metadata }) => metadata.name === 'extra')) {
      expect(kube.objects.get(record)?.data).toMatchObject({ added: JSON.stringify(objects.slice(-1)) });
      throw new Error('killed');
    }
    return send(verb, objects, ...args);
  };
  await expect(createOverlay(kube).set('shift', [write('a.yaml', 'extra')])).rejects.toThrow('killed');
});

test('restores everything when the first change fails', async () => {
  const { kube, write } = await setUp();
  kube.istiod.rejects = { name: 'extra', reason: 'no such cluster' };
  await expect(createOverlay(kube).set('shift', [write('a.yaml', 'store', 'extra')])).rejects.toThrow(
    'gateway-1.meshmart rejects the configuration: no such cluster',
  );
  expect([hostOf(kube, store), hostOf(kube, extra)]).toEqual([standingHost, undefined]);
  expect(kube.objects.has(record)).toBe(false);
});

async function startHolder(): Promise<ChildProcess> {
  const holder = spawn('sleep', ['100']);
  onTestFinished(() => void holder.kill());
  await once(holder, 'spawn');
  return holder;
}

/** Writes the record of a run that holds the lock. */
function holdLock(kube: FakeKube, holder: object, added: object[] = []): Promise<string> {
  const data = { holder: JSON.stringify({ experiment: 'canary', ...holder }), added: JSON.stringify(added) };
  return kube.send('create', [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'experiment' }, data },
  ]);
}

test('refuses a second run while the first one is alive, and changes nothing', async () => {
  const { kube, write } = await setUp();
  const { pid = 0 } = await startHolder();
  await holdLock(kube, { ...identify(pid), host: hostname() });
  kube.calls.length = 0;
  const overlay = createOverlay(kube);
  await expect(overlay.set('shift', [write('a.yaml', 'store')])).rejects.toThrow(
    `the experiment canary is running (pid ${pid}); wait until it has ended`,
  );
  await overlay.clear();
  expect(kube.calls).toEqual(['create ConfigMap/experiment']);
});

test('refuses while a run on another machine has the lock, and says what to do', async () => {
  const { kube } = await setUp();
  await holdLock(kube, { pid: 1, startTime: '1', host: 'elsewhere' });
  await expect(createOverlay(kube).set('shift', [])).rejects.toThrow(
    /running \(pid 1 on elsewhere\); .* kubectl --namespace meshmart delete configmap experiment$/,
  );
});

test('waits for a run of this machine only', async () => {
  const { kube } = await setUp();
  const { signal } = new AbortController();
  expect(await waitUntilUnused(kube, signal)).toBe(false);
  await holdLock(kube, { pid: 1, startTime: '1', host: 'elsewhere' });
  expect(await waitUntilUnused(kube, signal)).toBe(false);
  kube.objects.delete(record);
  const holder = await startHolder();
  await holdLock(kube, { ...identify(holder.pid as number), host: hostname() });
  const waiting = waitUntilUnused(kube, signal);
  await setImmediate();
  holder.kill('SIGKILL');
  expect(await waiting).toBe(true);
});

test('removes what a killed run left', async () => {
  const { kube, write } = await setUp();
  const holder = await startHolder();
  const identity = identify(holder.pid as number);
  const left = await readObjects([write('a.yaml', 'extra')]);
  await kube.send('apply', [...left, ...(await readObjects([write('a.yaml', 'store')]))]);
  await holdLock(kube, { ...identity, host: hostname() }, left);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const overlay = createOverlay(kube);
  await overlay.set('shift', []);
  expect([hostOf(kube, store), hostOf(kube, extra)]).toEqual([standingHost, undefined]);
  expect(kube.calls).toContain('delete namespace meshmart-load --ignore-not-found');
  await overlay.clear();
  expect(kube.objects.has(record)).toBe(false);
});

test('locks without touching the mesh, even after a dead run that only locked', async () => {
  const { kube } = await setUp();
  const holder = await startHolder();
  await holdLock(kube, { ...identify(holder.pid as number), host: hostname(), onlyLocks: true });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  kube.calls.length = 0;
  const overlay = createOverlay(kube);
  await overlay.lock('release');
  expect(kube.objects.get(record)?.data).toMatchObject({ holder: expect.stringContaining('"release"') });
  await overlay.clear();
  expect(kube.objects.has(record)).toBe(false);
  expect(kube.calls.filter((call) => /^(apply|push)/.test(call))).toEqual([]);
});

test('restores the mesh before it locks, after a killed run that had changed it', async () => {
  const { kube, write } = await setUp();
  const holder = await startHolder();
  await kube.send('apply', await readObjects([write('a.yaml', 'store')]));
  await holdLock(kube, { ...identify(holder.pid as number), host: hostname() });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await createOverlay(kube).lock('release');
  expect(hostOf(kube, store)).toBe(standingHost);
});
