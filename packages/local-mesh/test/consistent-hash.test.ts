import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'consistent-hash-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

const hash = (settings: string) => `loadBalancer: { consistentHash: { ${settings} } }`;
const rule = (policy: string, ofV1 = '') => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: product }
spec:
  host: product
  trafficPolicy: { ${policy} }
  subsets: [{ name: v1, labels: { version: v1 } ${ofV1} }, { name: v2, labels: { version: v2 } }]
---
`;
const split = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: gateway-product }
spec:
  http:
    - route:
        - { destination: { host: product, subset: v1 }, weight: 90 }
        - { destination: { host: product, subset: v2 }, weight: 10 }
`;

async function gatewayWith(yaml: string) {
  writeFileSync(file, yaml);
  const resources = overlay(mesh.resources, await readResources([file]));
  const gateway = translate({ ...mesh, resources }).proxies.get('gateway');
  const cluster = gateway?.clusters.find(({ name }) => name.startsWith('outbound|80|v1|product.'));
  const routes = gateway?.routes[0]?.virtual_hosts.flatMap(({ routes }) => routes);
  const route = routes?.find(({ name }) => name === 'products')?.route;
  const { lb_policy, ring_hash_lb_config, maglev_lb_config } = cluster ?? {};
  return { lb: { lb_policy, ring_hash_lb_config, maglev_lb_config }, route };
}

test.each([
  ['httpHeaderName: x-a', { header: { header_name: 'x-a' } }],
  ['httpCookie: { name: a, path: /, ttl: 0s }', { cookie: { name: 'a', path: '/', ttl: '0s' } }],
  ['httpCookie: { name: a, ttl: 1m }', { cookie: { name: 'a', ttl: '60s' } }],
  ['httpCookie: { name: a }', { cookie: { name: 'a' } }],
  ['useSourceIp: true', { connection_properties: { source_ip: true } }],
  ['httpQueryParameterName: q', { query_parameter: { name: 'q' } }],
])('hashes by %s', async (settings, policy) => {
  const { route } = await gatewayWith(rule(hash(settings)));
  expect(route?.hash_policy).toEqual([policy]);
});

test.each([
  ['useSourceIp: true', { lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: '1024' } }],
  ['useSourceIp: true, ringHash: {}', { lb_policy: 'RING_HASH' }],
  [
    'useSourceIp: true, ringHash: { minimumRingSize: 7 }',
    { lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: '7' } },
  ],
  [
    'useSourceIp: true, maglev: { tableSize: 65537 }',
    { lb_policy: 'MAGLEV', maglev_lb_config: { table_size: '65537' } },
  ],
])('balances by %s', async (settings, expected) => {
  expect((await gatewayWith(rule(hash(settings)))).lb).toEqual(expected);
});

test('a retry may go to the same host', async () => {
  const plain = await gatewayWith('');
  const hashed = await gatewayWith(rule(hash('useSourceIp: true')));
  expect(plain.route?.retry_policy?.retry_host_predicate).toHaveLength(1);
  expect(hashed.route?.retry_policy?.retry_host_predicate).toBeUndefined();
  expect(hashed.route?.retry_policy?.num_retries).toBe(plain.route?.retry_policy?.num_retries);
});

test("a subset's hash takes the place of its rule's, and a split has one for each destination", async () => {
  const own = `, trafficPolicy: { ${hash('httpHeaderName: x-own')} }`;
  const { route } = await gatewayWith(rule(hash('httpHeaderName: x-all'), own) + split);
  expect(route?.hash_policy).toEqual([
    { header: { header_name: 'x-own' } },
    { header: { header_name: 'x-all' } },
  ]);
  expect(route?.retry_policy?.retry_host_predicate).toHaveLength(1);
});

test('there is no hash without a rule', async () => {
  expect((await gatewayWith('')).route).not.toHaveProperty('hash_policy');
});
