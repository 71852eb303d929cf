import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { NamedMessage } from '../src/envoy.ts';
import { createPublisher } from '../src/publish.ts';
import type { Translation } from '../src/translate.ts';

let directory: string;
let admin: { server: Server; socket: string; stats: Record<string, string> };

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'publish-'));
  const socket = join(directory, 'admin');
  const server = createServer((request, response) => {
    if (request.url === '/server_info') return response.end('{ "command_line_options": {} }');
    return response.end(
      Object.entries(admin.stats)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
    );
  });
  admin = { server, socket, stats: { ...WARM } };
  await new Promise<void>((listening) => server.listen(socket, listening));
});
afterEach(() => {
  admin.server.close();
  rmSync(directory, { recursive: true });
});

const WARM = { 'cluster_manager.warming_clusters': '0', 'listener_manager.total_listeners_warming': '0' };
const fileOf = (name: string) => join(directory, 'order', `${name}.json`);
const contents = (name: string) =>
  existsSync(fileOf(name)) ? readFileSync(fileOf(name), 'utf8') : undefined;
const clustersIn = () => JSON.parse(contents('cds') ?? '').resources.map(({ name }: NamedMessage) => name);

/** What Envoy does: it shows the version of what is there. */
function showClusters(): void {
  admin.stats['cluster_manager.cds.version_text'] = `"${JSON.parse(contents('cds') ?? '').version_info}"`;
}
function showRoutes(): void {
  admin.stats['listener_manager.lds.version_text'] = `"${JSON.parse(contents('lds') ?? '').version_info}"`;
  const { version_info: version } = JSON.parse(contents('rds-80') ?? '');
  admin.stats['http.outbound_0.0.0.0_80;.rds.80.version_text'] = `"${version}"`;
}

function translation(cluster: string): Translation {
  const route = { name: '80', virtual_hosts: [{ name: cluster }] };
  const config = { clusters: [{ name: cluster }], listeners: [{ name: '0.0.0.0_80' }], routes: [route] };
  return { proxies: new Map([['order', config]]), warnings: [] };
}
const publish = (cluster: string, sockets = [['order', admin.socket]] as const) =>
  createPublisher({ directory }).publish(translation(cluster), new Map(sockets));
/** Long enough for what must not happen yet to happen, on a quiet machine; on a busy one it may pass unseen. */
const aPoll = () => sleep(60);
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

it('takes each step only when the one before is live', async () => {
  await publish('old', [['order', join(directory, 'nobody')]]);
  showClusters();
  showRoutes();
  let done = false;
  const published = publish('new').then(() => {
    done = true;
  });

  await eventually(() => expect(clustersIn()).toEqual(['new', 'old']));
  await aPoll();
  expect(contents('rds-80')).toContain('old');

  showClusters();
  await eventually(() => expect(contents('rds-80')).toContain('new'));
  await aPoll();
  expect(clustersIn()).toEqual(['new', 'old']);

  showRoutes();
  await eventually(() => expect(clustersIn()).toEqual(['new']));
  await aPoll();
  expect(done).toBe(false);

  showClusters();
  await published;
});

it('waits until nothing is warming up', async () => {
  await publish('same', [['order', join(directory, 'nobody')]]);
  showClusters();
  showRoutes();
  admin.stats['listener_manager.total_listeners_warming'] = '1';
  let done = false;
  const published = publish('same').then(() => {
    done = true;
  });
  await aPoll();
  expect(done).toBe(false);
  Object.assign(admin.stats, WARM);
  await published;
});

it('puts the files back when a proxy refuses', async () => {
  await publish('good', [['order', join(directory, 'nobody')]]);
  const before = ['cds', 'lds', 'rds-80'].map(contents);
  const published = publish('bad');
  await eventually(() => expect(clustersIn()).toEqual(['bad', 'good']));
  admin.stats['cluster_manager.cds.update_rejected'] = '1';
  await expect(published).rejects.toThrow(
    'order: Envoy refused the configuration: cluster_manager.cds (its log says why)',
  );
  expect(['cds', 'lds', 'rds-80'].map(contents)).toEqual(before);
});

it('leaves a file that says the same, and takes away one that nobody wants', async () => {
  const nobody = [['order', join(directory, 'nobody')]] as const;
  await publish('one', nobody);
  const listeners = statSync(fileOf('lds')).ino;
  const routes = statSync(fileOf('rds-80')).ino;
  await publish('two', nobody);
  expect(statSync(fileOf('lds')).ino).toBe(listeners);
  expect(statSync(fileOf('rds-80')).ino).not.toBe(routes);
  const config = { clusters: [], listeners: [], routes: [] };
  const empty = { proxies: new Map([['order', config]]), warnings: [] };
  await createPublisher({ directory }).publish(empty, new Map());
  expect(contents('rds-80')).toBeUndefined();
});

it('runs one publication after the other', async () => {
  const publisher = createPublisher({ directory });
  await Promise.all(['one', 'two'].map((cluster) => publisher.publish(translation(cluster), new Map())));
  expect(clustersIn()).toEqual(['two']);
});
