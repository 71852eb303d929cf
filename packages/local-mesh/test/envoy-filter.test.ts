import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'envoy-filter-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

interface ConnectionManager {
  [field: string]: unknown;
  http_filters: { name: string }[];
}

/**
 * Returns a proxy's HTTP connection managers by listener, and checks that all chains of a listener have the same one.
 */
async function managersWith(yaml: string, proxy: string): Promise<Record<string, ConnectionManager>> {
  writeFileSync(file, yaml);
  const resources = overlay({ ...mesh.resources, envoyFilters: [] }, await readResources([file]));
  const listeners = translate({ ...mesh, resources }).proxies.get(proxy)?.listeners ?? [];
  return Object.fromEntries(
    listeners.map(({ name, filter_chains }) => {
      const managers = filter_chains.flatMap(({ filters }) => filters);
      const configs = managers.map(({ typed_config }) => typed_config as unknown as ConnectionManager);
      for (const config of configs) expect(config).toEqual(configs[0]);
      return [name, configs[0] as ConnectionManager];
    }),
  );
}

const type = (name: string) => `"@type": type.googleapis.com/envoy.extensions.filters.${name}`;
const match = (context: string) =>
  `{ ${context} listener: { filterChain: { filter: { name: envoy.filters.network.http_connection_manager } } } }`;
const envoyFilter = (name: string, spec: string) =>
  `apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: { name: ${name} }\nspec: ${spec}\n---\n`;
const insert = (filter: string, context = '') =>
  `{ applyTo: HTTP_FILTER, match: ${match(context)}, patch: { operation: INSERT_FIRST, value: { name: ${filter}, typed_config: { ${type('http.lua.v3.Lua')} } } } }`;
const mergeIn = (fields: string) =>
  `{ applyTo: NETWORK_FILTER, match: ${match('')}, patch: { operation: MERGE, value: { typed_config: { ${type('network.http_connection_manager.v3.HttpConnectionManager')}, ${fields} } } } }`;

test.each([
  ['', { gateway: 1, outbound: 1, inbound: 1 }],
  ['context: ANY,', { gateway: 1, outbound: 1, inbound: 1 }],
  ['context: GATEWAY,', { gateway: 1, outbound: 0, inbound: 0 }],
  ['context: SIDECAR_OUTBOUND,', { gateway: 0, outbound: 1, inbound: 0 }],
  ['context: SIDECAR_INBOUND,', { gateway: 0, outbound: 0, inbound: 1 }],
])('inserts a filter where "%s" selects', async (context, expected) => {
  const yaml = envoyFilter('lua', `{ configPatches: [${insert('lua', context)}] }`);
  const { '0.0.0.0_80': gateway } = await managersWith(yaml, 'gateway');
  const { '0.0.0.0_80': outbound, virtualInbound: inbound } = await managersWith(yaml, 'order-v1-1');
  const count = (manager?: ConnectionManager) =>
    manager?.http_filters.filter(({ name }) => name === 'lua').length;
  expect({ gateway: count(gateway), outbound: count(outbound), inbound: count(inbound) }).toEqual(expected);
});

test('leaves other workloads and contexts unchanged', async () => {
  const spec = `{ workloadSelector: { labels: { app: order, version: v1 } }, configPatches: [${insert('lua')}] }`;
  const yaml = envoyFilter('lua', spec);
  const first = async (proxy: string) =>
    Object.values(await managersWith(yaml, proxy)).map(({ http_filters }) => http_filters[0]?.name);
  expect(await first('order-v1-1')).toEqual(['lua', 'lua']);
  expect(await first('payment-v1-1')).not.toContain('lua');
  expect(await first('gateway')).not.toContain('lua');
});

test('inserts each filter before all others, authorization included, the youngest first', async () => {
  const older = envoyFilter('a', `{ configPatches: [${insert('a1')}, ${insert('a2')}] }`);
  const yaml = older + envoyFilter('b', `{ configPatches: [${insert('b1')}] }`);
  const { virtualInbound } = await managersWith(yaml, 'order-v1-1');
  const names = virtualInbound?.http_filters.map(({ name }) => name) ?? [];
  expect(names.slice(0, 4)).toEqual(['b1', 'a2', 'a1', 'envoy.filters.http.rbac']);
  expect(names.at(-1)).toBe('envoy.filters.http.router');
});

test('merges messages, appends to lists, and replaces other values', async () => {
  const fields = [
    'server_name: store',
    'set_current_client_cert_details: { chain: true }',
    'upgrade_configs: [{ upgrade_type: other }]',
    'local_reply_config: { mappers: [] }',
  ];
  const yaml = envoyFilter('m', `{ configPatches: [${mergeIn(fields.join())}] }`);
  const { virtualInbound } = await managersWith(yaml, 'order-v1-1');
  expect(virtualInbound).toMatchObject({
    server_name: 'store',
    stat_prefix: 'inbound_0.0.0.0_8080;',
    set_current_client_cert_details: { chain: true, subject: true, uri: true },
    upgrade_configs: [{ upgrade_type: 'websocket' }, { upgrade_type: 'other' }],
    local_reply_config: { mappers: [] },
  });
});
