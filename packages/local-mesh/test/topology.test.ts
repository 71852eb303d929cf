import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readResources } from '../src/resources.ts';
import { STANDING, TOPOLOGY } from './store.ts';

interface Topology {
  namespace: string;
  gateway: { calls: string[] };
  services: Record<string, { versions: Record<string, number>; calls: string[] }>;
}
const topology = parse(readFileSync(TOPOLOGY, 'utf8')) as Topology;
const resources = await readResources([STANDING]);
const services = Object.keys(topology.services);

/** Returns a service's callers in topology.yaml as principals. */
const callers = (callee: string) =>
  [...Object.entries(topology.services), ['gateway', topology.gateway] as const]
    .filter(([, { calls }]) => calls.includes(callee))
    .map(([caller]) => `cluster.local/ns/${topology.namespace}/sa/${caller}`)
    .sort();

test.each(services)('allows exactly the callers of topology.yaml to call %s', (service) => {
  const binding = resources.authorizationPolicies.filter(
    ({ spec }) => spec.selector?.matchLabels?.app === service,
  );
  expect(binding.map(({ name, spec }) => [name, spec.action])).toEqual([[service, 'ALLOW']]);
  const rules = binding.flatMap(({ spec }) => spec.rules ?? []);
  const principals = rules.flatMap(({ from }) => from?.flatMap(({ source }) => source.principals) ?? []);
  expect([...new Set(principals)].sort()).toEqual(callers(service));
  // A rule without one of these would allow more than topology.yaml does.
  for (const { from, to } of rules) {
    expect(from?.length).toBe(1);
    expect(to?.every(({ operation }) => operation.methods && operation.paths)).toBe(true);
  }
});

test('allows nothing else, and callers without identity only at the edge', () => {
  const others = resources.authorizationPolicies.filter(({ name }) => !services.includes(name));
  expect(others.map(({ name, spec }) => [name, spec])).toEqual([
    ['allow-nothing', {}],
    ['gateway', { selector: { matchLabels: { istio: 'gateway' } }, action: 'ALLOW', rules: [{}] }],
  ]);
});

test('has one VirtualService for each service inside the mesh, and one for the gateway', () => {
  const bound = resources.virtualServices
    .filter(({ spec }) => spec.hosts)
    .map(({ name, spec }) => [name, spec.hosts, spec.gateways ?? ['mesh']]);
  const expected = services.map((service) => [service, [service], ['mesh']]);
  expect(bound.sort()).toEqual([...expected, ['store', ['*'], ['store']]].sort());
});

test('routes at the gateway to exactly the services in topology.yaml, each by its own delegate', () => {
  const store = resources.virtualServices.find(({ name }) => name === 'store');
  const delegates = new Set(store?.spec.http.map(({ delegate }) => delegate?.name));
  const hosts = resources.virtualServices
    .filter(({ name }) => delegates.has(name))
    .map(({ name, spec }) => [
      name,
      spec.http.flatMap(({ route = [] }) => route.map(({ destination }) => destination.host)),
    ]);
  expect(hosts.sort()).toEqual(topology.gateway.calls.map((host) => [`gateway-${host}`, [host]]).sort());
});

test('has a subset for each version of a service that has several', () => {
  for (const [service, { versions }] of Object.entries(topology.services)) {
    const rule = resources.destinationRules.find(({ spec }) => spec.host === service);
    const expected = Object.keys(versions).map((version) => ({ name: version, labels: { version } }));
    if (expected.length > 1) expect(rule?.spec.subsets).toEqual(expected);
  }
});

test("has one traffic policy for all services, which cannot eject a service's last instance", () => {
  const rules = resources.destinationRules;
  expect(rules.map(({ name, spec }) => [name, spec.host]).sort()).toEqual(
    services.map((service) => [service, service]).sort(),
  );
  const [policy, ...others] = rules.map(({ spec }) => spec.trafficPolicy);
  for (const other of others) expect(other).toEqual(policy);
  const percent = policy?.outlierDetection?.maxEjectionPercent ?? 0;
  expect(policy?.connectionPool).toBeDefined();
  for (const { versions } of Object.values(topology.services)) {
    for (const replicas of Object.values(versions)) {
      expect(Math.floor((replicas * percent) / 100)).toBeLessThan(replicas);
    }
  }
});
