import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const PORTS = [8080, 9001, 9002, 9003, 9004, 9005, 9006, 9007];
const mesh = await createMesh('/run/meshmart', PORTS);
const directory = mkdtempSync(join(tmpdir(), 'golden-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function translateWith(yaml: string) {
  const file = join(directory, 'overlay.yaml');
  writeFileSync(file, yaml);
  return translate({ ...mesh, resources: overlay(mesh.resources, await readResources([file])) });
}

type Translation = ReturnType<typeof translate>;
const proxy = (translation: Translation, name: string) => translation.proxies.get(name);
const routesOf = (translation: Translation, name: string, virtualHost: string) => {
  const hosts = proxy(translation, name)?.routes[0]?.virtual_hosts;
  return hosts?.find((host) => host.name === virtualHost)?.routes ?? [];
};
const inboundOf = (translation: Translation, name: string) =>
  proxy(translation, name)?.listeners.find((listener) => listener.name === 'virtualInbound');

const same = (value: unknown, file: string) =>
  expect(`${JSON.stringify(value, null, 2)}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, 'golden', file),
  );

describe('the translation of', () => {
  test('the standing mesh', async () => {
    const translation = await translateWith('');
    expect(translation.warnings).toEqual([]);
    // Leaves out the defaults, which packages/conformance compares with istiod's.
    const gateway = routesOf(translation, 'gateway', '*:80').map(({ name, match, route }) => ({
      name,
      match,
      cluster: route?.cluster,
    }));
    const clusters = proxy(translation, 'order-v1-1')?.clusters.map(({ name }) => name);
    await same({ gateway, clusters }, 'standing-routes.json');
    await same(inboundOf(translation, 'product-v1-1'), 'standing-inbound.json');
    const cluster = proxy(translation, 'order-v1-1')?.clusters.find(({ name }) => name.includes('|v2|'));
    await same(cluster, 'standing-subset.json');
  });

  test('a 90/10 canary', async () => {
    const translation = await translateWith(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: product }
spec:
  hosts: [product]
  http:
    - route:
        - { destination: { host: product, subset: v1 }, weight: 90 }
        - { destination: { host: product, subset: v2 }, weight: 10 }
`);
    await same(routesOf(translation, 'order-v1-1', 'product.meshmart.svc.cluster.local:80'), 'canary.json');
  });

  test('a fault', async () => {
    const translation = await translateWith(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: payment }
spec:
  hosts: [payment]
  http:
    - fault:
        delay: { percentage: { value: 50 }, fixedDelay: 1.5s }
        abort: { percentage: { value: 10 }, httpStatus: 503 }
      route: [{ destination: { host: payment } }]
`);
    await same(routesOf(translation, 'order-v1-1', 'payment.meshmart.svc.cluster.local:80'), 'fault.json');
  });

  test('PERMISSIVE', async () => {
    const translation = await translateWith(`
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default }
spec: { mtls: { mode: PERMISSIVE } }
`);
    const chains = inboundOf(translation, 'product-v1-1')?.filter_chains ?? [];
    await same(
      chains.map(({ filters: _, ...chain }) => chain),
      'permissive.json',
    );
  });
});
