import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'gateway-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

const header = (kind: string, name: string) =>
  `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

/** Returns the clusters of the gateway's routes, by virtual host. */
async function virtualHostsWith(yaml: string): Promise<Record<string, string[]>> {
  writeFileSync(file, yaml);
  const resources = overlay(mesh.resources, await readResources([file]));
  const gateway = translate({ ...mesh, resources }).proxies.get('gateway');
  const hosts = gateway?.routes[0]?.virtual_hosts ?? [];
  const names = hosts.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  return Object.fromEntries(
    hosts.map(({ name, routes }) => [name, routes.map(({ route }) => route?.cluster ?? '')]),
  );
}

const user = 'outbound|80||user.meshmart.svc.cluster.local';

test.each([
  'store',
  'meshmart/store',
  'store.meshmart',
  'store.meshmart.svc',
  'store.meshmart.svc.cluster.local',
])('binds a VirtualService to the gateway %s', async (gateway) => {
  const spec = `spec: { hosts: ["*"], gateways: [${gateway}], http: [{ route: [{ destination: { host: user } }] }] }`;
  expect(await virtualHostsWith(`${header('VirtualService', 'store')}${spec}\n`)).toEqual({ '*:80': [user] });
});

test.each(['', 'selector: {},', 'selector: { istio: gateway },'])(
  'serves a Gateway with "%s"',
  async (selector) => {
    const server = '{ port: { number: 80, name: http, protocol: HTTP }, hosts: [shop.example.com] }';
    const spec = `spec: { ${selector} servers: [${server}] }`;
    const hosts = await virtualHostsWith(`${header('Gateway', 'store')}${spec}\n`);
    expect(Object.keys(hosts)).toEqual(['shop.example.com:80']);
  },
);

const partners = `${header('Gateway', 'partners')}spec:
  selector: { istio: gateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]
---
`;

test('merges two Gateways for one host, with the catch-all route last', async () => {
  const spec = `spec: { hosts: ["*"], gateways: [partners], http: [{ route: [{ destination: { host: user } }] }] }`;
  const standing = await virtualHostsWith('');
  const merged = await virtualHostsWith(`${partners}${header('VirtualService', 'a')}${spec}\n`);
  expect(merged).toEqual({ '*:80': [...(standing['*:80'] ?? []), user] });
});

test('has one virtual host for a VirtualService bound to two Gateways', async () => {
  const spec = `spec: { hosts: ["*"], gateways: [store, partners], http: [{ route: [{ destination: { host: user } }] }] }`;
  expect(await virtualHostsWith(`${partners}${header('VirtualService', 'store')}${spec}\n`)).toEqual({
    '*:80': [user],
  });
});
