import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'failover-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

/** Returns the groups of product's instances by priority, and the settings of its cluster in the gateway. */
async function translateFailover(policy: string) {
  const spec = `{ host: product, trafficPolicy: { ${policy} } }`;
  const metadata = '{ name: product }';
  const rule = `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: ${metadata}\nspec: ${spec}\n`;
  writeFileSync(file, rule);
  const { destinationRules } = await readResources([file]);
  const { proxies, warnings } = translate({ ...mesh, resources: { ...mesh.resources, destinationRules } });
  const name = 'outbound|80||product.meshmart.svc.cluster.local';
  const cluster = proxies.get('gateway')?.clusters.find((one) => one.name === name);
  const groups = cluster?.load_assignment.endpoints.map(
    ({ priority, lb_endpoints, load_balancing_weight }) => {
      expect(load_balancing_weight).toBe(lb_endpoints.length);
      return [priority, lb_endpoints.length];
    },
  );
  return { groups, weighted: cluster?.common_lb_config?.locality_weighted_lb_config, warnings };
}

const failover = (labels: string) => `loadBalancer: { localityLbSetting: { failoverPriority: [${labels}] } }`;
const mixed = { groups: [[undefined, 3]], weighted: undefined };
const warning = expect.stringContaining(
  'Warning (DestinationRule meshmart/product) outlier detection policy must be provided for failover',
);

test.each([
  [
    'version=v1',
    [
      [undefined, 2],
      [1, 1],
    ],
  ],
  [
    'version=v2',
    [
      [undefined, 1],
      [1, 2],
    ],
  ],
  [
    'app=product, version=v1',
    [
      [undefined, 2],
      [1, 1],
    ],
  ],
  [
    'version=v1, app=order',
    [
      [undefined, 2],
      [1, 1],
    ],
  ],
  ['version=v3', [[undefined, 3]]],
  ['zone=', [[undefined, 3]]],
])('instances are grouped by %s', async (labels, groups) => {
  const { warnings, ...found } = await translateFailover(`${failover(labels)}, outlierDetection: {}`);
  expect(found).toEqual({ groups, weighted: {} });
  expect(warnings).not.toContainEqual(warning);
});

test('nothing fails over without outlier detection', async () => {
  const { warnings, ...found } = await translateFailover(failover('version=v1'));
  expect(found).toEqual(mixed);
  expect(warnings).toContainEqual(warning);
});

test('nothing fails over when it is disabled', async () => {
  const setting = 'localityLbSetting: { enabled: false, failoverPriority: [version=v1] }';
  const { groups, weighted } = await translateFailover(`loadBalancer: { ${setting} }, outlierDetection: {}`);
  expect({ groups, weighted }).toEqual(mixed);
});
