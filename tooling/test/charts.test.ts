import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OBSERVABILITY_NAMESPACE, OTLP_ENDPOINT } from '@meshmart/cluster/observability';
import { readTopology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { findStaleLists } from '../src/topology/service-lists.ts';

const charts = join(config.root, 'charts');
const read = (path: string) => parse(readFileSync(join(charts, path), 'utf8'));
const { namespace } = await readTopology(join(config.root, 'topology.yaml'));

test('every list of services is as topology.yaml has it', async () => {
  expect(await findStaleLists(), 'run `./meshmart generate`').toEqual([]);
});

test('shared values and versions agree in all charts', () => {
  const { global } = read('store/values.yaml');
  for (const chart of ['postgres', 'secrets']) {
    expect(global).toMatchObject(read(`${chart}/values.yaml`).global);
  }
  const versions = ['service', 'secrets', 'store'].map((chart) => read(`${chart}/Chart.yaml`).appVersion);
  expect(new Set(versions)).toEqual(new Set([manifest.version]));
});

test('Prometheus and Jaeger have the pinned versions and the namespaces of the store', () => {
  const { prometheus, jaeger } = read('observability/values.yaml');
  expect(prometheus.image).toBe(`docker.io/prom/prometheus:v${versions.prometheus}`);
  expect(jaeger.image).toBe(`docker.io/jaegertracing/jaeger:${versions.jaeger}`);
  expect(prometheus.namespaces).toEqual([namespace, 'istio-system']);
  expect(jaeger.namespaces).toEqual([namespace]);
});

test('services and proxies send spans to the ports of Jaeger', () => {
  expect(read('service/values.yaml').global.telemetry.namespace).toBe(OBSERVABILITY_NAMESPACE);
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
