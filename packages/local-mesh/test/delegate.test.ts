import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findOrigins } from '../src/origins.ts';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'delegate-'));
const file = join(directory, 'f.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

const virtualService = (name: string, spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
const store = (rules: string) =>
  virtualService('store', `{ hosts: ["*"], gateways: [store], http: [${rules}] }`);
const part = (rules: string, more = '') => virtualService('part', `{ http: [${rules}]${more} }`);
const toPart = 'delegate: { name: part }';
const to = (host: string) => `route: [{ destination: { host: ${host} } }]`;

async function translateWith(...documents: string[]) {
  writeFileSync(file, documents.join('---\n'));
  const resources = overlay(mesh.resources, await readResources([file]));
  const { proxies, warnings } = translate({ ...mesh, resources });
  const virtualHosts = (proxy: string) => proxies.get(proxy)?.routes[0]?.virtual_hosts ?? [];
  return { virtualHosts, warnings: warnings.map((warning) => warning.replace(file, 'f')) };
}

/** Returns name, match and service of the gateway's routes with the VirtualServices `store` and `part`. */
async function routesWith(root: string, delegate: string) {
  const { virtualHosts, warnings } = await translateWith(store(root), delegate);
  const routes = virtualHosts('gateway').flatMap((host) =>
    host.routes.map(({ name, match: { case_sensitive: _, ...match }, route }) => [
      name,
      match,
      route?.cluster?.replace(/.*\|(\w+)\..*/, '$1'),
    ]),
  );
  return { routes, warnings };
}

const conflict = (root = '', delegate = '') =>
  `f:9: Warning (VirtualService meshmart/part) HTTPMatchRequests conflict: root route ${root}, delegate route ${delegate}`;

describe("the delegate's match", () => {
  const uri = (value: string) => `{ uri: ${value} }`;

  test("is used if the root has none, and the root's if the delegate has none", async () => {
    const exact = `match: [${uri('{ exact: /a }')}]`;
    const expected = { routes: [[undefined, { path: '/a' }, 'user']], warnings: [] };
    expect(await routesWith(`{ ${toPart} }`, part(`{ ${exact}, ${to('user')} }`))).toEqual(expected);
    expect(await routesWith(`{ ${exact}, ${toPart} }`, part(`{ ${to('user')} }`))).toEqual(expected);
  });

  test.each([
    ['{ prefix: /a/ }', '{ prefix: /a/b }', { prefix: '/a/b' }],
    ['{ prefix: /a/ }', '{ exact: /a/b }', { path: '/a/b' }],
    ['{ exact: /a }', '{ exact: /a }', { path: '/a' }],
  ])('%s narrows to %s', async (root, delegate, match) => {
    const rules = part(`{ match: [${uri(delegate)}], ${to('user')} }`);
    expect(await routesWith(`{ match: [${uri(root)}], ${toPart} }`, rules)).toEqual({
      routes: [[undefined, match, 'user']],
      warnings: [],
    });
  });

  test.each([
    ['{ prefix: /a/b }', '{ prefix: /a }'],
    ['{ prefix: /a/ }', '{ exact: /a }'],
    ['{ exact: /a }', '{ exact: /b }'],
    ['{ exact: /a }', '{ prefix: /a }'],
    ['{ exact: /a }', '{ regex: /a }'],
    ['{ regex: /a }', '{ regex: /a }'],
    ['{ regex: /.* }', '{ exact: /a }'],
  ])('%s against %s drops this route and no other', async (root, delegate) => {
    const rules = `{ name: x, match: [${uri(delegate)}], ${to('user')} }, { ${to('order')} }`;
    const { routes, warnings } = await routesWith(
      `{ name: r, match: [${uri(root)}], ${toPart} }`,
      part(rules),
    );
    expect(routes.map(([name, , host]) => [name, host])).toEqual([['r', 'order']]);
    expect(warnings).toEqual([conflict('r', 'x')]);
  });

  test('combines the conditions of root and delegate on different fields', async () => {
    const rules = `{ match: [{ method: { exact: GET }, headers: { b: { exact: xy } } }], ${to('user')} }`;
    const root = `{ match: [{ uri: { prefix: /a/ }, headers: { a: { exact: x }, b: { prefix: x } } }], ${toPart} }`;
    const headers = [
      { name: 'a', string_match: { exact: 'x' } },
      { name: 'b', string_match: { exact: 'xy' } },
      { name: ':method', string_match: { exact: 'GET' } },
    ];
    expect(await routesWith(root, part(rules))).toEqual({
      routes: [[undefined, { prefix: '/a/', headers }, 'user']],
      warnings: [],
    });
  });

  test.each(['{ headers: { a: {} } }', '{ headers: { a: { exact: xy } } }'])(
    'conflicts with another for the same header: %s',
    async (match) => {
      const root = `{ match: [{ headers: { a: { exact: x } } }], ${toPart} }`;
      const { routes, warnings } = await routesWith(root, part(`{ match: [${match}], ${to('user')} }`));
      expect({ routes, warnings }).toEqual({ routes: [], warnings: [conflict()] });
    },
  );

  test('is combined with each match of the root that it narrows; its rule is dropped if one of several narrows none', async () => {
    const root = `{ match: [{ name: a, uri: { prefix: /a } }, ${uri('{ prefix: /a/b }')}], ${toPart} }`;
    const fits = `{ match: [{ name: x, uri: { exact: /a/b } }], ${to('user')} }`;
    const half = `{ match: [${uri('{ exact: /a }')}, ${uri('{ exact: /c }')}], ${to('order')} }`;
    expect(await routesWith(root, part(`${fits}, ${half}`))).toEqual({
      routes: [
        ['.a-x', { path: '/a/b' }, 'user'],
        ['.x', { path: '/a/b' }, 'user'],
      ],
      warnings: [conflict()],
    });
  });
});

test('inherits names, timeouts and retries of the root that the delegate omits', async () => {
  const root = `{ name: r, timeout: 5s, retries: { attempts: 3 }, ${toPart} }`;
  const rules = `{ match: [{ method: { exact: GET } }], timeout: 2s, ${to('user')} }, { name: d, retries: { attempts: 0 }, ${to('user')} }`;
  const { virtualHosts } = await translateWith(store(root), part(rules));
  const [host] = virtualHosts('gateway');
  expect(
    host?.routes.map(({ name, route }) => [name, route?.timeout, route?.retry_policy?.num_retries]),
  ).toEqual([
    ['r', '2s', 3],
    ['r-d', '5s', undefined],
  ]);
});

test('a refused route is traced to the rule of the delegate, and to the one that delegates', async () => {
  const root = `{ match: [{ uri: { exact: /a } }], ${to('order')} }, { ${toPart} }`;
  const { virtualHosts } = await translateWith(store(root), part(`{ ${to('user')} }`));
  const origins = findOrigins(virtualHosts('gateway'), [], 'user.meshmart.svc.cluster.local');
  expect(origins.map(({ resource, field }) => [resource.name, field])).toEqual([
    ['part', 'spec.http[0]'],
    ['store', 'spec.http[1]'],
  ]);
});

test("serves several rules of a root, beside the root's own", async () => {
  const root = `{ match: [{ uri: { exact: /a } }], ${toPart} }, { match: [{ uri: { exact: /b } }], ${toPart} }, { ${to('order')} }`;
  const { routes } = await routesWith(root, part(`{ ${to('user')} }`));
  expect(routes.map(([, match, host]) => [match, host])).toEqual([
    [{ path: '/a' }, 'user'],
    [{ path: '/b' }, 'user'],
    [{ prefix: '/' }, 'order'],
  ]);
});

test.each([
  ['is not there', '{ name: prat }', part(`{ ${to('user')} }`), 'meshmart/prat of meshmart/store not found'],
  ['has no name', '{}', part(`{ ${to('user')} }`), 'meshmart/ of meshmart/store not found'],
  [
    'is of another namespace',
    '{ name: part, namespace: other }',
    part(`{ ${to('user')} }`),
    'other/part of meshmart/store not found',
  ],
  [
    'has hosts',
    '{ name: part }',
    virtualService('part', `{ hosts: [b.example.com], http: [{ ${to('user')} }] }`),
    'meshmart/part of meshmart/store not found',
  ],
  [
    'is exported elsewhere',
    '{ name: part }',
    part(`{ ${to('user')} }`, ', exportTo: [other]'),
    'meshmart/part of meshmart/store is not exported to meshmart',
  ],
])('a rule whose delegate %s is dropped with a warning', async (_, reference, delegate, message) => {
  const { routes, warnings } = await routesWith(`{ delegate: ${reference} }, { ${to('order')} }`, delegate);
  expect(routes.map(([, , host]) => host)).toEqual(['order']);
  expect(warnings).toEqual([
    `f:4: Warning (VirtualService meshmart/store) delegate virtual service ${message}`,
  ]);
});

test.each(['.', '*', 'meshmart'])('a delegate that is exported to "%s" is found', async (target) => {
  const { routes } = await routesWith(
    `{ ${toPart} }`,
    part(`{ ${to('user')} }`, `, exportTo: ["${target}"]`),
  );
  expect(routes).toHaveLength(1);
});

test('a VirtualService without hosts, or exported elsewhere, changes nothing by itself', async () => {
  const { virtualHosts } = await translateWith('');
  const before = virtualHosts('order-v1-1');
  const elsewhere = virtualService(
    'else',
    `{ hosts: [b.example.com], exportTo: [other], http: [{ ${to('user')} }] }`,
  );
  const after = await translateWith(part(`{ ${to('user')} }`), elsewhere);
  expect(after.virtualHosts('order-v1-1')).toEqual(before);
  expect(after.warnings).toEqual([]);
});

test('inside the mesh, a service whose rules are all dropped gets its default route', async () => {
  const { virtualHosts } = await translateWith(
    virtualService('product', `{ hosts: [product], http: [{ delegate: { name: prat } }] }`),
  );
  const host = virtualHosts('order-v1-1').find(({ name }) => name.startsWith('product.'));
  expect(host?.routes.map(({ name, route }) => [name, route?.cluster])).toEqual([
    ['default', 'outbound|80||product.meshmart.svc.cluster.local'],
  ]);
});

test.each([
  ['delegates again', part(`{ ${toPart} }`), 'part: spec.http[0].delegate'],
  ['is bound to a gateway', part(`{ ${to('user')} }`, ', gateways: [store]'), 'part: spec.gateways'],
  ['has no destination', part('{ timeout: 1s }'), 'part: spec.http[0].route'],
  ['has a root with destinations', store(`{ ${toPart}, ${to('user')} }`), 'store: spec.http[0].route'],
  ['is exported to nobody', part(`{ ${to('user')} }`, ', exportTo: ["~"]'), 'part: spec.exportTo[0]'],
])('refuses a delegate that %s', async (_, yaml, field) => {
  writeFileSync(file, yaml);
  await expect(readResources([file])).rejects.toThrow(`${file}:4: VirtualService ${field}: `);
});
