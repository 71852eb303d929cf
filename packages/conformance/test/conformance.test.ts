import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConfigDump } from '../src/cluster.ts';
import { compare } from '../src/compare.ts';
import { compareWithKnownDifferences } from '../src/compare-with-known-differences.ts';
import { knownDifferences } from '../src/differences.ts';
import type { Json, MeshDump } from '../src/dump.ts';
import { normalise } from '../src/normalise.ts';
import { readRecording } from '../src/recording.ts';
import { checkout, recordedStates } from '../src/states.ts';

const recorded = join(import.meta.dirname, 'golden/istiod');

afterEach(() => {
  vi.doUnmock('@meshmart/local-mesh/defaults');
  vi.resetModules();
});

describe('the local mesh and a recorded istiod', () => {
  test('have exactly the listed differences', async () => {
    const { states, stale } = compareWithKnownDifferences(await readRecording(recorded), knownDifferences);
    expect(states.map(({ state, unlisted }) => ({ state, unlisted }))).toEqual([
      { state: 'standing', unlisted: [] },
      { state: 'every feature', unlisted: [] },
    ]);
    expect(stale).toEqual([]);
  });

  test('differ when a default of the local mesh changes', async () => {
    vi.resetModules();
    vi.doMock('@meshmart/local-mesh/defaults', async (original) => ({
      ...(await original<object>()),
      NO_TIMEOUT: '15s',
    }));
    const { readRecording: readWithChange } = await import('../src/recording.ts');
    const { agrees, states } = compareWithKnownDifferences(await readWithChange(recorded), knownDifferences);
    expect(agrees).toBe(false);
    // Every route of the standing mesh has a timeout of its own.
    const timeouts = states[1]?.unlisted.filter(({ path }) => path.endsWith('/route/timeout')) ?? [];
    expect(timeouts.map(({ path }) => path.split('/')[0])).toContain('gateway');
    for (const timeout of timeouts) expect(timeout).toMatchObject({ local: '15s', cluster: '0s' });
  });

  test("differ when a manifest is not the cluster's", async () => {
    const folder = temporaryFolder();
    cpSync(recorded, folder, { recursive: true });
    const file = join(folder, 'standing/authorization.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('sa/storefront', 'sa/anybody'));
    const { agrees } = compareWithKnownDifferences(await readRecording(folder), knownDifferences);
    expect(agrees).toBe(false);
  });
});

// `./meshmart conformance --record` on a cluster makes a new recording.
describe('the recording is not stale', () => {
  const read = (file: string): Json[] =>
    parseAllDocuments(readFileSync(file, 'utf8'), { merge: true }).map((document) => document.toJS());

  test.each([...recordedStates.flatMap(({ manifests }) => manifests), checkout.meshConfig])(
    'it has the current %s',
    (file) => {
      expect(read(join(recorded, basename(file)))).toEqual(read(file));
    },
  );

  test('it has every field that the standing mesh uses', () => {
    const folder = join(recorded, 'standing');
    expect(fieldsIn(folder)).toEqual(expect.arrayContaining(fieldsIn(checkout.standing)));
  });

  /** Lists the fields of all manifests, such as `VirtualService/spec/http/delegate/name`. */
  function fieldsIn(folder: string): string[] {
    const fieldsOf = (value: Json, path: string): string[] => {
      if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, path));
      if (typeof value !== 'object' || value === null) return [path];
      return Object.entries(value).flatMap(([name, part]) => fieldsOf(part, `${path}/${name}`));
    };
    const documents = readdirSync(folder).flatMap((file) => read(join(folder, file)));
    return [...new Set(documents.flatMap((value) => fieldsOf(value, (value as { kind: string }).kind)))];
  }
});

describe('the list of differences', () => {
  const local = proxy({ type: 'STATIC' });
  const pair = (cluster: MeshDump) => ({ state: 'standing', local, cluster });
  const place = { path: '*/clusters/outbound|80||*/type', local: 'STATIC', cluster: 'EDS' };
  const known = { reason: 'so it is', places: [place] };

  function proxy(cluster: Json): MeshDump {
    const none = { endpoints: {}, listeners: {}, routes: {}, secrets: {} };
    return { gateway: { ...none, clusters: { 'outbound|80||product.meshmart.svc.cluster.local': cluster } } };
  }

  test('allows a listed difference', () => {
    expect(compareWithKnownDifferences([pair(proxy({ type: 'EDS' }))], [known])).toEqual({
      states: [{ state: 'standing', proxies: 1, resources: 1, unlisted: [] }],
      stale: [],
      agrees: true,
    });
  });

  test('reports an unlisted difference', () => {
    const { states, agrees } = compareWithKnownDifferences(
      [pair(proxy({ type: 'EDS', lb_policy: 'RANDOM' }))],
      [known],
    );
    const path = 'gateway/clusters/outbound|80||product.meshmart.svc.cluster.local/lb_policy';
    expect(states).toMatchObject([{ state: 'standing', unlisted: [{ path, cluster: 'RANDOM' }] }]);
    expect(agrees).toBe(false);
  });

  test('reports another value at a listed place', () => {
    expect(compareWithKnownDifferences([pair(proxy({ type: 'ORIGINAL_DST' }))], [known])).toMatchObject({
      states: [{ unlisted: [{ local: 'STATIC', cluster: 'ORIGINAL_DST' }] }],
      stale: [place],
    });
  });

  test('reports a listed difference that no longer exists', () => {
    const outdated = { path: '**/tracing', cluster: '*' };
    const { stale, agrees } = compareWithKnownDifferences(
      [pair(proxy({ type: 'EDS' }))],
      [known, { reason: 'so it was', places: [outdated] }],
    );
    expect(stale).toEqual([outdated]);
    expect(agrees).toBe(false);
  });

  test('has placeholders', () => {
    const matches = (path: string, found: string) => {
      const [kind = '', name = ''] = found.split('/').slice(1);
      const nothing = { clusters: {}, endpoints: {}, listeners: {}, routes: {}, secrets: {} };
      const side = { [found.split('/')[0] ?? '']: { ...nothing, [kind]: { [name]: 1 } } };
      const empty = { [found.split('/')[0] ?? '']: nothing };
      const entry = { reason: '', places: [{ path, cluster: '*' }] };
      return compareWithKnownDifferences([{ state: '', local: empty, cluster: side }], [entry]).agrees;
    };
    expect(matches('<sidecar>/routes/<port>', 'order-v1-1/routes/9090')).toBe(true);
    expect(matches('<sidecar>/routes/<port>', 'order-v1-1/routes/80')).toBe(false);
    const server = (host: string) => `order-v1-1/routes/${host}.svc.cluster.local:8081`;
    expect(matches('<sidecar>/routes/<port>', server('server.argocd'))).toBe(true);
    expect(matches('<sidecar>/routes/<port>', server('product.meshmart'))).toBe(false);
    expect(matches('<sidecar>/routes/<port>', 'gateway/routes/9090')).toBe(false);
    const elsewhere = '*/clusters/outbound|*||<elsewhere>';
    expect(matches(elsewhere, 'gateway/clusters/outbound|53||kube-dns.kube-system.svc.cluster.local')).toBe(
      true,
    );
    expect(matches(elsewhere, 'gateway/clusters/outbound|80||user.meshmart.svc.cluster.local')).toBe(false);
    expect(matches('*/listeners/<address>_*', 'a/listeners/198.19.0.1_443')).toBe(true);
    expect(matches('*/listeners/<address>_*', 'a/listeners/0.0.0.0_80')).toBe(false);
  });
});

describe('compare', () => {
  test('finds differences at the deepest place that both sides have', () => {
    expect(compare({ a: { b: 1, c: [1, 2] } }, { a: { b: 2, c: [1] }, d: {} })).toEqual([
      { path: 'a/b', local: 1, cluster: 2 },
      { path: 'a/c/1', local: 2 },
      { path: 'd', cluster: {} },
    ]);
  });

  test('compares items by name, and their order', () => {
    const [fault, router] = [{ name: 'fault' }, { name: 'router' }];
    expect(compare([fault, router], [{ name: 'cors' }, fault, router])).toEqual([
      { path: 'cors', cluster: { name: 'cors' } },
    ]);
    expect(compare([fault, router], [router, fault])).toEqual([
      { path: '(order)', local: ['fault', 'router'], cluster: ['router', 'fault'] },
    ]);
  });

  test('distinguishes items of one name by their position', () => {
    const deny = { name: 'rbac', action: 'DENY' };
    const allow = { name: 'rbac', action: 'ALLOW' };
    expect(compare([deny, allow], [deny])).toEqual([{ path: 'rbac (2)', local: allow }]);
  });
});

describe('normalise', () => {
  test('removes addresses, sources and default values', () => {
    const local = {
      address: { pipe: { path: '/run/a.sock' } },
      rds: { config_source: { path_config_source: { path: '/run/rds.json' } } },
      lb_policy: 'ROUND_ROBIN',
      domains: ['product', 'product.meshmart'],
    };
    const cluster = {
      domains: ['product.meshmart', 'product'],
      rds: { config_source: { ads: {}, resource_api_version: 'V3' } },
      address: { socket_address: { address: '198.18.32.9', port_value: 8080 } },
      endpoints: [],
    };
    expect(normalise(local)).toEqual(normalise(cluster));
  });

  test('keeps the order of routes', () => {
    expect(normalise({ routes: [{ name: 'b' }, { name: 'a' }] })).toEqual({
      routes: [{ name: 'b' }, { name: 'a' }],
    });
  });
});

test("extracts istiod's resources from a config dump, without Envoy's own", () => {
  const cluster = (name: string, type: string) => ({ cluster: { '@type': 'Cluster', name, type } });
  const endpoint_config = (cluster_name: string) => ({ endpoint_config: { '@type': 'E', cluster_name } });
  const dump = readConfigDump({
    configs: [
      { '@type': 'Bootstrap' },
      {
        '@type': 'Clusters',
        dynamic_active_clusters: [cluster('outbound', 'EDS'), cluster('inbound', 'ORIGINAL_DST')],
      },
      {
        '@type': 'Endpoints',
        dynamic_endpoint_configs: [endpoint_config('outbound'), endpoint_config('inbound')],
      },
    ],
  });
  expect(dump).toEqual({
    clusters: {
      outbound: { name: 'outbound', type: 'EDS' },
      inbound: { name: 'inbound', type: 'ORIGINAL_DST' },
    },
    endpoints: { outbound: { cluster_name: 'outbound' } },
    listeners: {},
    routes: {},
    secrets: {},
  });
});
