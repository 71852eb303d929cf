import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withOrigin } from '../src/origins.ts';
import { createPublisher, type Publisher, RejectedUpdateError } from '../src/publish.ts';
import type { Resource } from '../src/resource.ts';
import { serveXds, type XdsServer } from '../src/xds-server.ts';
import { ask, startFakeEnvoy } from './fake-envoy.ts';

let directory: string;
let socket: string;
let xds: XdsServer;
let publisher: Publisher;
const running: { stop(): void }[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'publish-'));
  socket = join(directory, 'xds.sock');
  xds = await serveXds(socket);
  const access = { adminSocket: join(directory, 'order.admin'), logFile: join(directory, 'order.log') };
  publisher = createPublisher(xds, new Map([['order', access]]));
});
afterEach(() => {
  for (const envoy of running.splice(0)) envoy.stop();
  xds.close();
  rmSync(directory, { recursive: true });
});

async function start() {
  const envoy = await startFakeEnvoy(directory, socket);
  running.push(envoy);
  return envoy;
}

const rule = (name: string): Resource<unknown> => ({
  kind: 'VirtualService',
  name,
  spec: {},
  file: 'istio.yaml',
  line: 4,
  lineOf: (field) => Number(/\d+/.exec(field)?.[0]) + 8,
});

function translation(name: string) {
  const hosts = [name, 'always'].map((host) => withOrigin({ name: host }, rule(host), 'spec.http[1]'));
  const routes = [{ name: '80', virtual_hosts: hosts }];
  const config = { clusters: [{ name }], listeners: [{ name: 'outbound' }], routes };
  return { proxies: new Map([['order', config]]) };
}
const publish = (name: string, options = {}) => publisher.publish(translation(name), options);
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });
/** Waits long enough for a premature event to happen on an idle machine; a busy one may miss it. */
const aMoment = () => sleep(60);

/**
 * Starts a proxy with the configuration `name`. From then on it acknowledges only the versions that the test allows.
 */
async function startWith(name: string) {
  await publish(name);
  const envoy = await start();
  await eventually(() => expect(envoy.received.length).toBe(3));
  envoy.received.length = 0;
  const held: ((isTaken: boolean) => void)[] = [];
  envoy.decide = () => new Promise((decide) => held.push(decide));
  const decideNext = async (isTaken = true) => {
    await eventually(() => expect(held.length).toBeGreaterThan(0));
    held.shift()?.(isTaken);
  };
  return { envoy, decideNext };
}
const seen = (envoy: Awaited<ReturnType<typeof start>>) =>
  envoy.received.map(({ type, names }) => `${type} ${names}`);

test('takes each step after the one before is acknowledged', async () => {
  const { envoy, decideNext } = await startWith('old');
  let done = false;
  const published = publish('new').then(() => {
    done = true;
  });
  await aMoment();
  expect(seen(envoy)).toEqual(['clusters new,old']);
  await decideNext();
  await eventually(() => expect(seen(envoy)).toContain('routes 80'));
  await aMoment();
  expect(seen(envoy)).toEqual(['clusters new,old', 'routes 80']);
  await decideNext();
  await eventually(() => expect(seen(envoy)).toContain('clusters new'));
  await aMoment();
  expect(done).toBe(false);
  await decideNext();
  await published;
});

test('waits for warming resources', async () => {
  const { envoy, decideNext } = await startWith('old');
  envoy.warming = '1';
  const published = publish('new');
  await decideNext();
  await aMoment();
  expect(seen(envoy)).toEqual(['clusters new,old']);
  envoy.warming = '0';
  await decideNext();
  await decideNext();
  await published;
});

test('names a refusal, and sends the former configuration as a new version', async () => {
  const { envoy } = await startWith('good');
  envoy.decide = async ({ names }) => !names.includes('bad');
  const refused = await publish('bad').catch((error) => error);
  expect(refused).toBeInstanceOf(RejectedUpdateError);
  expect(refused.message).toBe('order: Envoy refused the configuration: not bad,good');
  const versions = envoy.received.map(({ version }) => version);
  expect(new Set(versions).size).toBe(versions.length);
  expect(seen(envoy).at(-1)).toBe('clusters good');
  await publish('better');
  expect(seen(envoy).at(-1)).toBe('clusters better');
});

test('names the field from which a refused part was translated', async () => {
  const { envoy } = await startWith('good');
  envoy.decide = async ({ type }) => type !== 'routes';
  await expect(publish('bad')).rejects.toThrow(
    'istio.yaml:9: VirtualService bad: spec.http[1]: Envoy (order) refused this: not 80',
  );
});

test('reports a refusal by a proxy that starts', async () => {
  await publish('bad');
  await publisher.assertAccepted();
  const envoy = await start();
  envoy.decide = async ({ type }) => type !== 'clusters';
  await vi.waitFor(() => expect(publisher.assertAccepted()).rejects.toThrow('order: Envoy refused'), 10_000);
});

test('does not wait for a proxy that is not running, and sends it everything when it starts', async () => {
  await publish('one');
  await publish('two');
  const envoy = await start();
  await eventually(() =>
    expect(seen(envoy).sort()).toEqual(['clusters two', 'listeners outbound', 'routes 80']),
  );
});

test('stops waiting for a proxy that dies, and sends the next one of its name everything', async () => {
  const { envoy } = await startWith('old');
  const published = publish('new');
  await eventually(() => expect(envoy.received.length).toBe(1));
  envoy.stop();
  await published;
  const next = await start();
  await eventually(() =>
    expect(seen(next).sort()).toEqual(['clusters new', 'listeners outbound', 'routes 80']),
  );
});

test('continues without a late proxy, which receives the newest version later', async () => {
  const { envoy, decideNext } = await startWith('old');
  await publish('new', { lateAfterMs: 50 });
  await decideNext();
  await eventually(() => expect(seen(envoy)).toContain('clusters new'));
});

test('sends nothing unchanged', async () => {
  const { envoy } = await startWith('same');
  await publish('same');
  expect(envoy.received).toEqual([]);
});

test('responds to other clients without forgetting the proxy', async () => {
  const { envoy } = await startWith('old');
  expect((await ask(socket, 'clusters')).resources.map(({ name }) => name)).toEqual(['old']);
  envoy.decide = async () => true;
  await publish('new');
  expect(seen(envoy)).toContain('clusters new');
});

test('runs one publication after the other', async () => {
  await Promise.all([publish('one'), publish('two')]);
  expect((await ask(socket, 'clusters')).resources.map(({ name }) => name)).toEqual(['two']);
});

test('is accessible to its owner only', () => {
  expect(statSync(socket).mode & 0o777).toBe(0o600);
});
