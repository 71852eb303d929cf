import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'analyze-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

const resource = (kind: string, spec: string) =>
  `apiVersion: ${/Policy|Peer/.test(kind) ? 'security' : 'networking'}.istio.io/v1\nkind: ${kind}\nmetadata: { name: product }\nspec: ${spec}\n`;

test.each<[what: string, yaml: string, warning: string]>([
  [
    'a subset that no rule makes',
    resource(
      'VirtualService',
      '{ hosts: [product], http: [{ route: [{ destination: { host: product, subset: v9 } }] }] }',
    ),
    'Error [IST0101] (VirtualService meshmart/product) Referenced host+subset in destinationrule not found: "product+v9"',
  ],
  [
    'a host that is no service',
    resource(
      'VirtualService',
      '{ hosts: [product], http: [{ route: [{ destination: { host: prodct } }] }] }',
    ),
    'Error [IST0101] (VirtualService meshmart/product) Referenced host not found: "prodct"',
  ],
  [
    'a gateway that is not there',
    resource(
      'VirtualService',
      '{ hosts: [product], gateways: [edge], http: [{ route: [{ destination: { host: product } }] }] }',
    ),
    'Error [IST0101] (VirtualService meshmart/product) Referenced gateway not found: "edge"',
  ],
  [
    'a gateway of another namespace',
    resource(
      'VirtualService',
      '{ hosts: [product], gateways: [store.other], http: [{ route: [{ destination: { host: product } }] }] }',
    ),
    'Error [IST0101] (VirtualService meshmart/product) Referenced gateway not found: "store.other"',
  ],
  [
    'a gateway in the old way to write it',
    resource(
      'VirtualService',
      '{ hosts: [shop.example.com], gateways: [store.meshmart.svc.cluster.local], http: [{ route: [{ destination: { host: product } }] }] }',
    ),
    'Warning (VirtualService meshmart/product) using legacy gatewayName format "store.meshmart.svc.cluster.local"; prefer the <namespace>/<name> format: "meshmart/store"',
  ],
  [
    'a subset without pods',
    resource(
      'DestinationRule',
      '{ host: product, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: 2 } }] }',
    ).replace('version: 2', 'version: "2"'),
    'Error [IST0173] (DestinationRule meshmart/product) The Subset v2 defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).',
  ],
  [
    'a policy that selects nobody',
    resource('AuthorizationPolicy', '{ selector: { matchLabels: { app: prodct } } }'),
    'Warning [IST0127] (AuthorizationPolicy meshmart/product) No matching workloads for this resource with the following labels: app=prodct',
  ],
  [
    'a patch that selects nobody',
    resource(
      'EnvoyFilter',
      '{ workloadSelector: { labels: { istio: edge } }, configPatches: [{ applyTo: HTTP_FILTER, match: { listener: { filterChain: { filter: { name: envoy.filters.network.http_connection_manager } } } }, patch: { operation: INSERT_FIRST, value: { name: lua, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua } } } }] }',
    ).replace('io/v1', 'io/v1alpha3'),
    'Warning [IST0127] (EnvoyFilter meshmart/product) No matching workloads for this resource with the following labels: istio=edge',
  ],
])('warns of %s', async (_, yaml, warning) => {
  writeFileSync(file, yaml);
  const resources = overlay(mesh.resources, await readResources([file]));
  expect(translate({ ...mesh, resources }).warnings).toEqual([`${file}:4: ${warning}`]);
});

test('warns of a rule for a host that is no service', async () => {
  writeFileSync(
    file,
    resource('DestinationRule', '{ host: prodct }').replace('name: product', 'name: other'),
  );
  const resources = overlay(mesh.resources, await readResources([file]));
  expect(translate({ ...mesh, resources }).warnings).toEqual([
    `${file}:4: Warning [IST0174] (DestinationRule meshmart/other) The host prodct defined in the DestinationRule does not match any services in the mesh.`,
  ]);
});
