import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHelm, runKubectl } from '@meshmart/cluster/access';
import { OBSERVABILITY_NAMESPACE } from '@meshmart/cluster/observability';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { callStore } from '@meshmart/store-client/call-store';
import { readTopology } from '@meshmart/store-client/topology';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { expect, test } from 'vitest';
import { runKubeScore } from './kube-score.ts';
import { findStandingCluster } from './standing-cluster.ts';

const { access, gatewayUrl } = findStandingCluster();
const { services } = await readTopology(join(config.root, 'topology.yaml'));
const patience = { timeout: 300_000, interval: 1000 };

interface Pod {
  metadata: {
    name: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
}

interface Target {
  health: string;
  lastError: string;
  labels: Record<string, string>;
}

interface Series {
  metric: Record<string, string>;
  value: [number, string];
}

interface Span {
  spanID: string;
  processID: string;
  references: { refType: string; spanID: string }[];
}

interface Trace {
  spans: Span[];
  processes: Record<string, { serviceName: string }>;
}

/** Sends a request to a Service through the API server. @returns `data` of the response */
async function ask<T>(service: 'prometheus' | 'jaeger', path: string): Promise<T> {
  const proxy = `/api/v1/namespaces/${OBSERVABILITY_NAMESPACE}/services/${service}:http/proxy`;
  return JSON.parse(await runKubectl(access, ['get', '--raw', `${proxy}${path}`])).data;
}

/** @returns the value of the only series of a query, or 0 without one */
async function query(text: string): Promise<number> {
  const { result } = await ask<{ result: Series[] }>(
    'prometheus',
    `/api/v1/query?query=${encodeURIComponent(text)}`,
  );
  return Number(result[0]?.value[1] ?? 0);
}

/** Registers a customer, reads the catalogue and buys a mug. @param headers for the order's request */
async function buy(headers: Record<string, string> = {}): Promise<void> {
  const post = (path: string, body: object, more = {}) =>
    callStore(`${gatewayUrl}${path}`, { method: 'POST', body, headers: more });
  const login = { email: `${randomUUID()}@meshmart.example`, password: randomUUID() };
  await post('/users', { ...login, name: 'Ada' });
  const authorization = `Bearer ${(await post('/sessions', login)).accessToken}`;
  const { items } = await callStore(`${gatewayUrl}/products?limit=1&q=mug`);
  const body = { items: [{ productId: items[0].id, quantity: 1 }], paymentToken: 'tok_approved' };
  const order = await post('/orders', body, { authorization, 'idempotency-key': randomUUID(), ...headers });
  expect(order.status).toBe('confirmed');
}

async function listPods(namespace: string): Promise<Pod[]> {
  const args = ['get', 'pods', '-n', namespace, '--field-selector=status.phase=Running', '--output=json'];
  const { items }: { items: Pod[] } = JSON.parse(await runKubectl(access, args));
  return items.filter(({ metadata }) => !metadata.deletionTimestamp);
}

test('Prometheus scrapes every pod with metrics: services behind mutual TLS, the gateway, istiod', async () => {
  const namespaces = [STORE_NAMESPACE, 'istio-system', OBSERVABILITY_NAMESPACE];
  const findUnasked = async () => {
    const pods = (await Promise.all(namespaces.map(listPods))).flat();
    const { activeTargets } = await ask<{ activeTargets: Target[] }>(
      'prometheus',
      '/api/v1/targets?state=active',
    );
    const answering = activeTargets.filter(({ health }) => health === 'up').map(({ labels }) => labels.pod);
    const withNumbers = pods.filter(
      ({ metadata }) => metadata.annotations?.['prometheus.io/scrape'] === 'true',
    );
    const apps = withNumbers.map(({ metadata }) => metadata.labels['app.kubernetes.io/name']);
    expect(apps).toEqual(expect.arrayContaining([...Object.keys(services), 'gateway', 'istiod', 'jaeger']));
    return withNumbers.map(({ metadata }) => metadata.name).filter((name) => !answering.includes(name));
  };
  await expect.poll(findUnasked, patience).toEqual([]);
});

test('services count an order by version, and so do the proxies at both ends', async () => {
  const counters = {
    order:
      'sum(http_server_request_duration_count{app="order",version="v1",http_route="/orders",http_response_status_code="201"})',
    payment:
      'sum(http_server_request_duration_count{service_name="payment",service_version="v1",http_route="/payments"})',
    caller: 'sum(envoy_cluster_upstream_rq_total{app="order",cluster_name=~"outbound.*payment.*"})',
    callee: 'sum(envoy_cluster_upstream_rq_total{app="payment",cluster_name="inbound|8080||"})',
  };
  const read = () => Promise.all(Object.values(counters).map(query));
  const before = await read();
  await buy();
  const areCounted = async () => {
    const now = await read();
    return Object.keys(counters).filter((_name, index) => Number(now[index]) <= Number(before[index]));
  };
  await expect.poll(areCounted, patience).toEqual([]);
});

test('a checkout is one trace, each span below its caller', async () => {
  const traceId = randomBytes(16).toString('hex');
  await buy({ traceparent: `00-${traceId}-00000000000000a1-01` });
  const readTrace = async () => {
    const [trace] = await ask<Trace[]>('jaeger', `/api/traces/${traceId}`).catch(() => []);
    const { spans, processes } = trace ?? { spans: [], processes: {} };
    const ids = new Set(spans.map(({ spanID }) => spanID));
    const orphans = spans.filter(({ references }) => !references.some(({ spanID }) => ids.has(spanID)));
    const names = Object.values(processes).map(({ serviceName }) => serviceName);
    return {
      names: new Set(names.filter((name) => ['order', 'payment', 'product'].includes(name))),
      under: orphans.map(({ references }) => references[0]?.spanID),
    };
  };
  await expect
    .poll(readTrace, patience)
    .toEqual({ names: new Set(['order', 'payment', 'product']), under: ['00000000000000a1'] });
});

test('the chart satisfies kube-score', async () => {
  const chart = join(config.root, 'charts/observability');
  const manifest = join(temporaryFolder(), 'observability.yaml');
  const rendering = ['template', 'observability', chart, '--kube-version', versions.kubernetes];
  writeFileSync(manifest, await runHelm(access, rendering));
  const lines = await runKubeScore(manifest);
  expect(lines).toContainEqual(expect.stringMatching(/^\[OK\] jaeger/));
  expect(lines.filter((line) => /^\[(CRITICAL|WARNING)\]/.test(line))).toEqual([]);
});
