import type { Topology } from '@meshmart/store-client/topology';
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
