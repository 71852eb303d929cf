import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OBSERVABILITY_NAMESPACE, OTLP_ENDPOINT } from '@meshmart/cluster/observability';
import { readTopology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { describe, expect, test } from 'vitest';
import { type Document, parse, parseAllDocuments } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };

const charts = join(config.root, 'charts');
const read = (path: string) => parse(readFileSync(join(charts, path), 'utf8'));
const { namespace, services, gateway } = await readTopology(join(config.root, 'topology.yaml'));
const names = Object.keys(services);
const withDatabase = names.filter((name) => services[name]?.database);

interface GatewayRoute {
  match: { uri: { exact?: string; prefix?: string } }[];
  route: { destination: { host: string } }[];
}

const callersOf = (callee: string) =>
  [...Object.entries(services), ['gateway', gateway] as const]
    .filter(([, { calls }]) => calls.includes(callee))
    .map(([caller]) => caller);

describe.each(names)('%s', (name) => {
  const values = read(`service/values-${name}.yaml`);

  test('has the versions, replicas, database and neighbours of topology.yaml', () => {
    const { versions, database, calls } = services[name] as (typeof services)[string];
    const replicas = Object.entries(versions).map(([version, count]) => [version, { replicas: count }]);
    expect({ ...values, calls: values.calls.sort(), calledBy: values.calledBy.sort() }).toMatchObject({
      name,
      versions: Object.fromEntries(replicas),
      database,
      calls: calls.toSorted(),
      calledBy: callersOf(name).sort(),
    });
    expect(Object.keys(values.versions)).toEqual(Object.keys(versions));
  });

  test('lets in by an Ingress what the gateway lets in', () => {
    const [store] = parseAllDocuments(readFileSync(join(config.root, 'mesh/istio/store.yaml'), 'utf8'));
    const routes = (store as Document).toJS().spec.http as GatewayRoute[];
    const mine = routes.filter(({ route }) => route[0]?.destination.host === name);
    const paths = new Set(mine.flatMap(({ match }) => match.flatMap(({ uri }) => uri.exact ?? [])));
    expect(new Set(values.ingress?.paths)).toEqual(paths);
  });

  test('is the same in the whole store as on its own', () => {
    expect(read('store/values.yaml')[name]).toEqual(read(`service/values-${name}.yaml`));
  });
});

test('there is a file of values for each service, and for nothing else', () => {
  const files = readdirSync(join(charts, 'service')).filter((file) => file.startsWith('values-'));
  expect(files.sort()).toEqual(names.map((name) => `values-${name}.yaml`).sort());
});

test('the whole store is every service, its databases and its secrets', () => {
  const { dependencies } = read('store/Chart.yaml');
  const parts = dependencies.map(({ name, alias = name }: Record<string, string>) => alias);
  expect(parts.sort()).toEqual(['postgres', 'secrets', ...names].sort());
  expect(Object.keys(read('store/values.yaml')).sort()).toEqual(['global', ...names].sort());
  const { properties } = read('store/values.schema.json');
  expect(Object.keys(properties).sort()).toEqual(['global', ...parts].sort());
  for (const chart of ['postgres', 'secrets']) {
    expect(read(`${chart}/values.yaml`).databases.sort()).toEqual(withDatabase.toSorted());
  }
});

test('what the charts share is the same everywhere, and their images are of this version', () => {
  const { global } = read('store/values.yaml');
  for (const chart of ['service', 'postgres', 'secrets']) {
    expect(global).toMatchObject(read(`${chart}/values.yaml`).global);
  }
  const versions = ['service', 'secrets', 'store'].map((chart) => read(`${chart}/Chart.yaml`).appVersion);
  expect(new Set(versions)).toEqual(new Set([manifest.version]));
});

test('Prometheus and Jaeger are of the pinned versions, and see to the store', () => {
  const { prometheus, jaeger } = read('observability/values.yaml');
  expect(prometheus.image).toBe(`docker.io/prom/prometheus:v${versions.prometheus}`);
  expect(jaeger.image).toBe(`docker.io/jaegertracing/jaeger:${versions.jaeger}`);
  expect(prometheus.namespaces).toEqual([namespace, 'istio-system']);
  expect(jaeger.namespaces).toEqual([namespace]);
});

test('services and proxies send their spans where Jaeger takes them', () => {
  expect(read('service/values.yaml').networkPolicy.telemetryNamespace).toBe(OBSERVABILITY_NAMESPACE);
  expect(read('../cluster/observability.yaml').metadata.name).toBe(OBSERVABILITY_NAMESPACE);
  const jaeger = `jaeger.${OBSERVABILITY_NAMESPACE}`;
  const { protocols } = parse(
    readFileSync(join(charts, 'observability/files/jaeger.yaml'), 'utf8').replace(/\{\{.*\}\}/, '1'),
  ).receivers.otlp;
  const portOf = (protocol: 'grpc' | 'http') => protocols[protocol].endpoint.replace('0.0.0.0:', '');
  expect(OTLP_ENDPOINT).toBe(`http://${jaeger}:${portOf('http')}`);
  const [provider] = read('../cluster/istio/istiod.yaml').meshConfig.extensionProviders;
  expect(provider.opentelemetry).toEqual({
    service: `${jaeger}.svc.cluster.local`,
    port: Number(portOf('grpc')),
  });
});

test('every check of kube-score that a chart waives has its reason in docs/explanation/security.md', () => {
  const waived = globSync('*/templates/**/*.yaml', { cwd: charts }).flatMap((file) => {
    const [chart] = file.split('/');
    const [, checks] = /kube-score\/ignore: (.+)/.exec(readFileSync(join(charts, file), 'utf8')) ?? [];
    return checks?.split(',').map((check) => `${check} of ${chart}`) ?? [];
  });
  const security = readFileSync(join(config.root, 'docs/explanation/security.md'), 'utf8');
  const [, table = ''] = /\| check \| charts \| why \|\n(.+?)\n\n/s.exec(security) ?? [];
  const inUse = [...new Set(waived.map((waiver) => String(waiver.split(' of ').at(1))))].sort();
  const explained = [...table.matchAll(/^\| `(.+?)` \| (.+?) \| .+ \|$/gm)].flatMap(([, check, named = '']) =>
    (named === 'all' ? inUse : named.split(', ')).map((chart) => `${check} of ${chart}`),
  );
  expect(explained.sort()).toEqual([...new Set(waived)].sort());
});
