import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'destination-rule-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

const rule = (name: string, host: string, connections: number) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name} }
spec: { host: "${host}", trafficPolicy: { connectionPool: { tcp: { maxConnections: ${connections} } } } }
---
`;

/** Returns the limits of the gateway's proxy for a service. */
async function limitsOf(service: string, yaml: string) {
  writeFileSync(file, yaml);
  const { destinationRules } = await readResources([file]);
  const { proxies, warnings } = translate({
    ...mesh,
    resources: { ...mesh.resources, destinationRules },
  });
  expect(warnings.filter((warning) => warning.includes('DestinationRule'))).toEqual([]);
  const name = `outbound|80||${service}.meshmart.svc.cluster.local`;
  const cluster = proxies.get('gateway')?.clusters.find((one) => one.name === name) as unknown as {
    circuit_breakers: { thresholds: { max_connections: number; retry_budget?: object }[] };
  };
  return cluster.circuit_breakers.thresholds[0];
}

test.each([
  ['user', 3],
  ['order', 2],
])('the rule with the most specific host applies to %s', async (service, connections) => {
  const all =
    rule('all', '*', 1) + rule('namespace', '*.meshmart.svc.cluster.local', 2) + rule('own', 'user', 3);
  expect((await limitsOf(service, all))?.max_connections).toBe(connections);
});

const budget = (policy: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: user }
spec: { host: user, trafficPolicy: { ${policy} } }
`;

test.each([
  ['retryBudget: { percent: 20 }', undefined],
  [
    'connectionPool: { http: { maxRetries: 5 } }, retryBudget: {}',
    { budget_percent: { value: 20 }, min_retry_concurrency: 3 },
  ],
  [
    'connectionPool: { tcp: {} }, retryBudget: { percent: 5.5, minRetryConcurrency: 1, budgetInterval: 2s }',
    { budget_percent: { value: 5.5 }, min_retry_concurrency: 1, budget_interval: '2s' },
  ],
])('the retry budget of { %s }', async (policy, expected) => {
  expect((await limitsOf('user', budget(policy)))?.retry_budget).toEqual(expected);
});

const withTls = (mode: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: product }
spec: { host: product, trafficPolicy: { tls: { mode: ${mode} } } }
`;

test.each([
  ['DISABLE', undefined, undefined],
  ['ISTIO_MUTUAL', 'envoy.transport_sockets.tls', { tlsMode: 'istio' }],
])('the mode %s overrides automatic mutual TLS', async (mode, socket, match) => {
  writeFileSync(file, withTls(mode));
  const { destinationRules } = await readResources([file]);
  const { proxies } = translate({ ...mesh, resources: { ...mesh.resources, destinationRules } });
  const clusters = proxies.get('gateway')?.clusters ?? [];
  const named = (name: string) =>
    clusters.find((one) => one.name === `outbound|80||${name}.meshmart.svc.cluster.local`);
  expect(named('product')?.transport_socket?.name).toBe(socket);
  const [endpoint] = named('product')?.load_assignment.endpoints[0]?.lb_endpoints ?? [];
  expect(endpoint?.metadata?.filter_metadata['envoy.transport_socket_match']).toEqual(match);
  expect(named('product')?.transport_socket_matches).toBeUndefined();
  expect(named('user')?.transport_socket_matches).toHaveLength(2);
});
