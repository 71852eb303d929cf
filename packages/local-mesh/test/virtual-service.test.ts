import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'virtual-service-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

/** Returns the gateway's route for one rule of a VirtualService, and the warnings about it. */
async function translateRule(rule: string) {
  writeFileSync(
    file,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: one }
spec: { hosts: [one.example.com], gateways: [store], http: [${rule}] }
`,
  );
  const { virtualServices } = await readResources([file]);
  const { proxies, warnings } = translate({ ...mesh, resources: { ...mesh.resources, virtualServices } });
  const route = proxies.get('gateway')?.routes[0]?.virtual_hosts[0]?.routes[0];
  return { route, warnings };
}

const toProduct = 'route: [{ destination: { host: product } }]';
const cluster = (service: string, subset = '') =>
  `outbound|80|${subset}|${service}.meshmart.svc.cluster.local`;

test('a rewrite of the path', async () => {
  const { route } = await translateRule(
    `{ match: [{ uri: { prefix: /a/ } }], rewrite: { uri: /products/ }, ${toProduct} }`,
  );
  expect(route?.route).toMatchObject({ cluster: cluster('product'), prefix_rewrite: '/products/' });
});

test.each([
  ['uri: /products', { path_redirect: '/products', response_code: 'MOVED_PERMANENTLY' }],
  [
    'authority: a.example.com, scheme: https, redirectCode: 308',
    {
      path_redirect: '',
      host_redirect: 'a.example.com',
      scheme_redirect: 'https',
      response_code: 'PERMANENT_REDIRECT',
    },
  ],
])('a redirect with { %s }', async (redirect, expected) => {
  const { route } = await translateRule(`{ match: [{ uri: { exact: /b } }], redirect: { ${redirect} } }`);
  expect(route?.redirect).toEqual(expected);
  expect(route?.route).toBeUndefined();
  expect(route?.decorator?.operation).toBe('one:80/b');
});

test('copies of requests, all of them or a percentage', async () => {
  const { route, warnings } = await translateRule(
    `{ ${toProduct}, mirrors: [{ destination: { host: product, subset: v2 } }, { destination: { host: user }, percentage: { value: 0.5 } }, { destination: { host: order }, percentage: { value: 0 } }] }`,
  );
  expect(route?.route?.request_mirror_policies).toEqual(
    [
      { cluster: cluster('product', 'v2'), default_value: { numerator: 100, denominator: 'HUNDRED' } },
      { cluster: cluster('user'), default_value: { numerator: 5000, denominator: 'MILLION' } },
    ].map(({ cluster, default_value }) => ({
      cluster,
      runtime_fraction: { default_value },
      trace_sampled: false,
      disable_shadow_host_suffix_append: true,
    })),
  );
  expect(warnings).toEqual([]);
});

test('warns of a copy to a subset that is not defined', async () => {
  const { warnings } = await translateRule(`{ ${toProduct}, mirror: { host: product, subset: v3 } }`);
  expect(warnings).toEqual([
    expect.stringContaining('Referenced host+subset in destinationrule not found: "product+v3"'),
  ]);
});
