import { join } from 'node:path';
import { expect, test } from 'vitest';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const PORTS = [8080, 9001, 9002, 9003, 9004, 9005, 9006, 9007];

const same = (value: unknown, file: string) =>
  expect(`${JSON.stringify(value, null, 2)}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, 'golden', file),
  );

test('translates the standing mesh', async () => {
  const { proxies, warnings } = translate(await createMesh('/run/meshmart', PORTS));
  expect(warnings).toEqual([]);
  // Leaves out the defaults, which packages/conformance compares with istiod's.
  const hosts = proxies.get('gateway')?.routes[0]?.virtual_hosts;
  const routes = hosts?.find(({ name }) => name === '*:80')?.routes ?? [];
  const gateway = routes.map(({ name, match, route }) => ({ name, match, cluster: route?.cluster }));
  const order = proxies.get('order-v1-1')?.clusters;
  await same({ gateway, clusters: order?.map(({ name }) => name) }, 'standing-routes.json');
  const listeners = proxies.get('product-v1-1')?.listeners;
  await same(
    listeners?.find(({ name }) => name === 'virtualInbound'),
    'standing-inbound.json',
  );
  await same(
    order?.find(({ name }) => name.includes('|v2|')),
    'standing-subset.json',
  );
});
