import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTopology } from '@meshmart/store-client/topology';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { countInstances, planInstances } from '../src/instances.ts';

test('plans the instances of the committed topology', async () => {
  const topology = await readTopology(join(config.root, 'topology.yaml'));
  const ports = Array.from({ length: countInstances(topology) }, (_, index) => 20_001 + index);
  const instances = planInstances(topology, '/run', ports);
  expect(instances.map(({ name, inboundPort }) => [name, inboundPort])).toEqual([
    ['product-v1-1', 20_001],
    ['product-v1-2', 20_002],
    ['product-v2-1', 20_003],
    ['order-v1-1', 20_004],
    ['payment-v1-1', 20_005],
    ['user-v1-1', 20_006],
    ['storefront-v1-1', 20_007],
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
