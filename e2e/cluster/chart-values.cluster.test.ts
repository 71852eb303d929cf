import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHelm } from '@meshmart/cluster/access';
import { keyOf, listManifests, readObjects } from '@meshmart/experiment-runner/on-cluster/manifests';
import { readTopology } from '@meshmart/store-client/topology';
import { makeTemporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findStandingCluster } from './standing-cluster.ts';

const { access } = findStandingCluster();
const folder = makeTemporaryFolder();
const { namespace, gateway, services } = await readTopology(join(config.root, 'topology.yaml'));
const names = Object.keys(services);

interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: the specs of all kinds
  spec: any;
}

interface Values {
  global?: { image?: object; [name: string]: unknown };
  [name: string]: unknown;
}

/** Renders a chart with these values. The registry of the store's images is empty unless they name one. */
async function render(chart: string, values: Values, into = namespace): Promise<Rendered[]> {
  const file = join(folder, 'values.json');
  const image = { registry: '', ...values.global?.image };
  writeFileSync(file, JSON.stringify({ ...values, global: { ...values.global, image } }));
  const options = ['--namespace', into, '--kube-version', versions.kubernetes, '--values', file];
  const args = ['template', chart, join(config.root, 'charts', chart), ...options];
  const text = await runHelm(access, args);
  return parseAllDocuments(text).flatMap((document) => document.toJS() ?? []);
}

const byKey = (objects: Rendered[]) =>
  Object.fromEntries(objects.map((object) => [keyOf({ ...object }), object]));
const ofKind = (objects: Rendered[], kind: string) => objects.filter((object) => object.kind === kind);

/** Finds every pod spec in these objects, of a Job in an AnalysisTemplate as well. */
function podsOf(value: unknown): { containers: { image: string }[] }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('containers' in value) return [value as { containers: { image: string }[] }];
  return Object.values(value).flatMap(podsOf);
}

const canary = { name: 'product', versions: { v1: { replicas: 1 } }, rollout: { strategy: 'canary' } };
const elsewhere = {
  mesh: {
    trustDomain: 'td.example',
    gateway: { name: 'ingressgateway', namespace: 'istio-ingress', serviceAccount: 'istio-ingressgateway' },
  },
  ingressController: { namespace: 'traefik', serviceAccount: 'traefik' },
};

test.each(['istio', 'rollouts'])('the chart mesh renders mesh/%s unchanged by default', async (variant) => {
  const files = await readObjects(await listManifests(join(config.root, 'mesh', variant)));
  expect(byKey(await render('mesh', { variant }))).toEqual(byKey(files as unknown as Rendered[]));
});

test('policies admit the callers of topology.yaml from the namespaces and trust domain of the values', async () => {
  const policies = ofKind(await render('mesh', { global: elsewhere }, 'shop'), 'AuthorizationPolicy');
  const admitted = policies.flatMap(({ metadata, spec }) =>
    (spec.rules ?? []).flatMap(({ from }: { from: { source: { principals: string[] } }[] }) =>
      from.flatMap(({ source }) => source.principals.map((caller) => `${caller} → ${metadata.name}`)),
    ),
  );
  const edge = ['istio-ingress/sa/istio-ingressgateway', 'traefik/sa/traefik'];
  const expected = [
    ...gateway.calls.flatMap((callee) => edge.map((caller) => `td.example/ns/${caller} → ${callee}`)),
    ...names.flatMap((caller) =>
      services[caller]?.calls.map((callee) => `td.example/ns/shop/sa/${caller} → ${callee}`),
    ),
  ];
  expect([...new Set(admitted)].sort()).toEqual(expected.sort());
});

test('a gateway with a secret serves HTTPS, and redirects HTTP', async () => {
  const tls = { secretName: 'shop-tls', issuer: { kind: 'ClusterIssuer', name: 'acme' } };
  const objects = await render('mesh', { hosts: ['shop.example'], tls, global: elsewhere }, 'shop');
  const servers = ofKind(objects, 'Gateway')[0]?.spec.servers;
  expect(
    servers.map(({ port, tls }: { port: { number: number }; tls: object }) => [port.number, tls]),
  ).toEqual([
    [80, { httpsRedirect: true }],
    [443, { mode: 'SIMPLE', credentialName: 'shop-tls' }],
  ]);
  expect(ofKind(objects, 'Certificate')).toMatchObject([
    {
      metadata: { namespace: 'istio-ingress' },
      spec: { secretName: 'shop-tls', dnsNames: ['shop.example'] },
    },
  ]);
});

test('in an ambient mesh, the waypoint enforces every policy of a service', async () => {
  const global = { mesh: { ambient: true } };
  const policies = ofKind(await render('mesh', { global }), 'AuthorizationPolicy');
  const targets = policies.flatMap(
    ({ spec }) => spec.targetRefs?.map(({ name }: { name: string }) => name) ?? [],
  );
  expect(targets.sort()).toEqual(names.toSorted());
  const routed = ofKind(await render('store', { global }), 'Service').filter(
    ({ metadata }) => metadata.labels?.['istio.io/use-waypoint'] === 'waypoint',
  );
  expect(routed.map(({ metadata }) => metadata.name).sort()).toEqual(names.toSorted());
});

const settings = {
  imagePullSecrets: [{ name: 'pull' }],
  nodeSelector: { arch: 'arm64' },
  tolerations: [{ key: 'spot', operator: 'Exists' }],
  affinity: { podAffinity: {} },
  priorityClassName: 'high',
};

test.each([
  ['store', {}],
  ['observability', {}],
  ['service', canary],
])('all pods of the chart %s get the global settings', async (chart, values) => {
  const pods = podsOf(await render(chart, { ...values, global: settings }));
  expect(pods.length).toBeGreaterThan(1);
  for (const pod of pods) expect(pod).toMatchObject(settings);
});

test("a service's own settings are merged with the global ones, or replace a list", async () => {
  const own = { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'gpu' }], podLabels: { team: 'shop' } };
  const [pod] = ofKind(
    await render('service', { ...canary, ...own, global: { ...settings, podLabels: { cost: '1' } } }),
    'Rollout',
  ).map(({ spec }) => spec.template);
  expect(pod.metadata.labels).toMatchObject({ team: 'shop', cost: '1' });
  expect(pod.spec).toMatchObject({
    nodeSelector: { disk: 'ssd', arch: 'arm64' },
    tolerations: [{ key: 'gpu' }],
  });
});

test.each<[string, object, RegExp]>([
  ['store', { registry: 'r.example/' }, /^(r\.example\/meshmart\/|docker\.io\/library\/postgres:)/],
  [
    'store',
    { registry: 'r.example/', mirror: 'm.example/' },
    /^(r\.example\/meshmart|m\.example\/library)\//,
  ],
  ['observability', { mirror: 'm.example/' }, /^m\.example\/(prom|jaegertracing)\//],
  [
    'service',
    { registry: 'r.example/', mirror: 'm.example/' },
    /^(r\.example\/meshmart|m\.example\/grafana)\//,
  ],
])('images of the chart %s come from %j', async (chart, image, names) => {
  const values = { ...(chart === 'service' ? canary : {}), global: { image } };
  const images = podsOf(await render(chart, values)).flatMap(({ containers }) => containers);
  expect(images).not.toHaveLength(0);
  for (const container of images) expect(container.image).toMatch(names);
});

test('images may be pinned by digests', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const values = { global: { image: { registry: 'r.example/' } }, user: { digest }, postgres: { digest } };
  const images = podsOf(await render('store', values)).map(({ containers }) => containers[0]?.image);
  expect(images.filter((image) => image?.endsWith(`@${digest}`)).sort()).toEqual([
    `docker.io/library/postgres:18@${digest}`,
    `r.example/meshmart/user@${digest}`,
  ]);
});

test('a store without a registry is refused with the next step', async () => {
  const registry = 'ghcr.io/OWNER/REPOSITORY/'; // the default
  const output = expect.stringContaining('Set global.image.registry');
  await expect(render('store', { global: { image: { registry } } })).rejects.toMatchObject({ output });
});

test('analyses by Istio use no other metrics', async () => {
  const rollout = { ...canary.rollout, metrics: 'istio', window: '2m' };
  const templates = ofKind(await render('service', { ...canary, rollout }), 'AnalysisTemplate');
  const [metrics] = templates.map(({ spec }) => spec.metrics);
  const queries = metrics.map(
    ({ provider }: { provider: { prometheus: { query: string } } }) => provider.prometheus.query,
  );
  expect(queries).toHaveLength(2);
  for (const query of queries)
    expect(query.match(/\w+(?=\{[^{])/g)?.every((name: string) => name.startsWith('istio_'))).toBe(true);
});

test('an Ingress serves its host over HTTPS with the annotations of the values', async () => {
  const tls = [{ secretName: 'api-tls', hosts: ['api.example.com'] }];
  const ingress = {
    enabled: true,
    host: 'api.example.com',
    annotations: { 'example.com/class': 'internal' },
    tls,
  };
  const [object] = ofKind(await render('store', { product: { ingress } }), 'Ingress');
  expect(object).toMatchObject({
    metadata: { annotations: ingress.annotations },
    spec: { tls, rules: [{ host: 'api.example.com', http: { paths: [{ path: '/products' }] } }] },
  });
});
