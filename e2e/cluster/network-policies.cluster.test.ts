import { join } from 'node:path';
import { runHelm } from '@meshmart/cluster/access';
import { OBSERVABILITY_NAMESPACE } from '@meshmart/cluster/observability';
import { readTopology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Connection, letsIn, letsOut, type NetworkPolicy, type Pod } from './network-policies.ts';
import { findStandingCluster } from './standing-cluster.ts';

const { access } = findStandingCluster();
const { namespace, gateway, services } = await readTopology(join(config.root, 'topology.yaml'));
const names = Object.keys(services);

const pod = (app: string, of = namespace): Pod => ({ namespace: of, labels: { app } });
const pods: Record<string, Pod> = {
  ...Object.fromEntries([...names, 'postgres'].map((app) => [app, pod(app)])),
  gateway: { namespace, labels: { istio: 'gateway' } },
  stranger: pod('stranger'),
  outsider: pod('product', 'somewhere-else'),
  istiod: pod('istiod', 'istio-system'),
  prometheus: pod('prometheus', OBSERVABILITY_NAMESPACE),
  jaeger: pod('jaeger', OBSERVABILITY_NAMESPACE),
  rollouts: pod('argo-rollouts', 'argo-rollouts'),
  // Not a pod, so that only a rule without a selector allows it.
  internet: { namespace: '', labels: {} },
};

/** Allowed connections: the call graph of topology.yaml, and shared infrastructure. */
const graph = [
  ...gateway.calls.map((callee) => `gateway → ${callee}:8080`),
  ...names.flatMap((caller) => [
    ...(services[caller]?.calls ?? []).map((callee) => `${caller} → ${callee}:8080`),
    ...(services[caller]?.database ? [`${caller} → postgres:5432`] : []),
    ...[4317, 4318].map((port) => `${caller} → jaeger:${port}`),
    ...[8080, 15020, 15090].map((port) => `prometheus → ${caller}:${port}`),
  ]),
  // From the whole namespace of the store, since proxies send spans as well.
  ...['gateway', 'stranger'].flatMap((from) => [4317, 4318].map((port) => `${from} → jaeger:${port}`)),
  'rollouts → prometheus:9090',
  'prometheus → prometheus:9090',
  'prometheus → jaeger:8888',
];

/** Pods with policies of the store. All others are open, so that only the store's end decides. */
const guarded = [...names, 'postgres', 'prometheus', 'jaeger'];
// Port 22 stands for any port that is not in use.
const ports = '22 53 53/UDP 443 4317 4318 5432 6443 8080 8081 8888 9090 15012 15014 15020 15090 16686'.split(
  ' ',
);

async function renderPolicies(chart: string, into: string, values: string[] = []): Promise<NetworkPolicy[]> {
  const settings = ['--set-string', 'global.image.registry=', ...values.flatMap((value) => ['--set', value])];
  const args = ['template', chart, join(config.root, 'charts', chart), '--namespace', into, ...settings];
  const text = await runHelm(access, [...args, '--kube-version', versions.kubernetes]);
  const objects = parseAllDocuments(text).map((document) => document.toJS());
  return objects
    .filter((object) => object?.kind === 'NetworkPolicy')
    .map((policy) => ({ ...policy, metadata: { namespace: into } }));
}

const policies = [
  ...(await renderPolicies('store', namespace)),
  ...(await renderPolicies('observability', OBSERVABILITY_NAMESPACE)),
];

type Lets = (policies: NetworkPolicy[], connection: Connection) => boolean;

/** Lists the connections between two sets of pods that one end allows. */
function list(lets: Lets, sources: string[], targets: string[]): string[] {
  const edges = sources.flatMap((from) =>
    targets.flatMap((to) => ports.map((port) => ({ name: `${from} → ${to}:${port}`, from, to, port }))),
  );
  return edges
    .filter(({ from, to, port }) => lets(policies, { from: pods[from] as Pod, to: pods[to] as Pod, port }))
    .map(({ name }) => name)
    .sort();
}

const everybody = Object.keys(pods);
const store = [...names, 'postgres'];
const strangers = ['stranger', 'outsider', 'istiod', 'rollouts', 'internet'];

test('both ends together allow exactly the expected connections', () => {
  const throughBoth: Lets = (...connection) => letsOut(...connection) && letsIn(...connection);
  expect(list(throughBoth, everybody, guarded)).toEqual(graph.toSorted());
});

// Within the store, each end is checked alone, so that a lax one cannot hide behind a strict one.
const callGraph = graph.filter((edge) => store.some((name) => edge.includes(`→ ${name}:`)));

const resolving = (from: string) =>
  everybody.flatMap((to) => [`${from} → ${to}:53`, `${from} → ${to}:53/UDP`]);

test('a service may connect to its callees, its database, DNS, istiod and the trace collector', () => {
  const spans = (from: string, to: string) => [4317, 4318].map((port) => `${from} → ${to}:${port}`);
  const expected = names.flatMap((name) => [
    ...callGraph.filter((edge) => edge.startsWith(`${name} `)),
    ...resolving(name),
    `${name} → istiod:15012`,
    // The rule names a port and a namespace; Jaeger is the store's only pod there.
    ...spans(name, 'jaeger'),
    ...spans(name, 'prometheus'),
  ]);
  expect(list(letsOut, names, everybody)).toEqual(expected.sort());
});

test('databases and Jaeger may connect to nothing, and Prometheus to its targets', () => {
  expect(list(letsOut, ['postgres', 'jaeger'], everybody)).toEqual([]);
  const asked = [namespace, OBSERVABILITY_NAMESPACE, 'istio-system'];
  const elsewhere = everybody.filter((name) => !asked.includes(pods[name]?.namespace ?? ''));
  const expected = [
    ...resolving('prometheus'),
    ...everybody.flatMap((to) => ['443', '6443', '15014'].map((port) => `prometheus → ${to}:${port}`)),
  ].filter((edge) => elsewhere.some((name) => edge.includes(`→ ${name}:`)));
  expect(list(letsOut, ['prometheus'], elsewhere)).toEqual(expected.sort());
});

test('a service accepts connections from its callers', () => {
  const expected = callGraph.filter((edge) => !edge.startsWith('prometheus '));
  expect(list(letsIn, [...names, 'gateway', ...strangers], store)).toEqual(expected.sort());
});

const edge = { namespace: 'istio-ingress', labels: { istio: 'ingressgateway' } };
const gatewayElsewhere = ['name=ingressgateway', 'namespace=istio-ingress'].map(
  (value) => `global.mesh.gateway.${value}`,
);
const traefik = ['product.ingress.enabled=true', 'global.ingressController.namespace=traefik'];
const database = ['global.externalDatabase.secret=databases', 'global.externalDatabase.port=6432'];
const ambient = ['global.mesh.ambient=true'];
const waypoint = { namespace, labels: { 'gateway.networking.k8s.io/gateway-name': 'waypoint' } };
const product = pod('product');

test.each<[string[], string, Connection, boolean, Lets]>([
  [gatewayElsewhere, 'the gateway elsewhere', { from: edge, to: product, port: '8080' }, true, letsIn],
  [
    gatewayElsewhere,
    'a gateway here',
    { from: { ...edge, namespace }, to: product, port: '8080' },
    false,
    letsIn,
  ],
  [traefik, 'the Ingress controller', { from: pod('x', 'traefik'), to: product, port: '8080' }, true, letsIn],
  [traefik, 'it at order', { from: pod('x', 'traefik'), to: pod('order'), port: '8080' }, false, letsIn],
  [database, 'its port', { from: product, to: pods.internet as Pod, port: '6432' }, true, letsOut],
  [database, 'any other', { from: product, to: pods.internet as Pod, port: '5432' }, false, letsOut],
  [
    ['global.dnsPorts={5353}'],
    'DNS',
    { from: product, to: pods.internet as Pod, port: '5353/UDP' },
    true,
    letsOut,
  ],
  [ambient, 'the waypoint', { from: waypoint, to: product, port: '15008' }, true, letsIn],
  [ambient, 'calls through it', { from: pod('order'), to: waypoint, port: '15008' }, true, letsOut],
  [ambient, 'a stranger', { from: pod('stranger'), to: product, port: '15008' }, false, letsIn],
])('with %j, policies of the store decide on %s', async (values, _who, connection, isLet, lets) => {
  expect(lets(await renderPolicies('store', namespace, values), connection)).toBe(isLet);
});

test.each(['prometheus', 'jaeger'])('clients of %s may query it', async (name) => {
  const values = [`${name}.clients={grafana}`];
  const to = pods[name] as Pod;
  const port = name === 'jaeger' ? '16686' : '9090';
  const some = await renderPolicies('observability', OBSERVABILITY_NAMESPACE, values);
  expect(letsIn(some, { from: pod('grafana', 'grafana'), to, port })).toBe(true);
  expect(letsIn(some, { from: pod('grafana', 'elsewhere'), to, port })).toBe(false);
});
