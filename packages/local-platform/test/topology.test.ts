import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTopology, type Topology } from '@meshmart/store-client/topology';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { countInstances, planInstances } from '../src/instances.ts';

test('plans an instance for each replica of each version', () => {
  const service = { database: false, calls: [] };
  const topology: Topology = {
    namespace: 'meshmart',
    gateway: { calls: ['product'] },
    services: {
      product: { ...service, versions: { v1: 2, v2: 1 } },
      order: { ...service, versions: { v1: 1 } },
    },
  };
  expect(countInstances(topology)).toBe(4);
  const instances = planInstances(topology, '/run', [20_001, 20_002, 20_003, 20_004]);
  expect(instances.map(({ name, inboundPort }) => [name, inboundPort])).toEqual([
    ['product-v1-1', 20_001],
    ['product-v1-2', 20_002],
    ['product-v2-1', 20_003],
    ['order-v1-1', 20_004],
  ]);
  expect(instances[2]).toEqual({
    name: 'product-v2-1',
    service: 'product',
    version: 'v2',
    serviceAccount: 'product',
    labels: { app: 'product', version: 'v2' },
    inboundPort: 20_003,
    appSocket: '/run/product-v2-1.app',
    outboundSocket: '/run/product-v2-1.out',
    adminSocket: '/run/product-v2-1.admin',
    ready: false,
  });
});

const product = '{ versions: { v1: 1 }, database: true, calls: [] }';

test.each([
  ['malformed YAML', 'namespace: [', /^topology\.yaml: .*line 1/s],
  ['an empty file', '', /^topology\.yaml: the file must be object/],
  [
    'an unknown field',
    `namespace: a\ngateway: { calls: [] }\nservices: { product: ${product} }\nextra: 1`,
    /extra|additional/,
  ],
  [
    'no replicas',
    'namespace: a\ngateway: { calls: [] }\nservices: { product: { versions: { v1: 0 }, database: true, calls: [] } }',
    /services\.product\.versions\.v1 must be >= 1/,
  ],
  [
    'a call to nobody',
    `namespace: a\ngateway: { calls: [order] }\nservices: { product: ${product} }`,
    /gateway calls order, which is not among the services/,
  ],
])('refuses %s', async (_what, text, message) => {
  const file = join(temporaryFolder(), 'topology.yaml');
  writeFileSync(file, text);
  await expect(readTopology(file)).rejects.toThrow(message);
});
