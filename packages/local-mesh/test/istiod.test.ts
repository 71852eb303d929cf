import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EnvoyMessage } from '../src/envoy.ts';
import { readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const folder = join(import.meta.dirname, 'istiod');
const recorded = JSON.parse(readFileSync(join(folder, 'recorded.json'), 'utf8'));
const mesh = {
  ...(await createMesh('/run', [])),
  resources: await readResources([join(folder, 'resources.yaml')]),
};
const translation = translate(mesh);

/** Fields that differ, each for a reason that lies in the platform. */
const DIFFERENT: Record<string, string> = {
  address: 'local addresses are ports of 127.0.0.1 and Unix sockets',
  enable_reuse_port: 'two proxies of one machine must not share a port unnoticed',
  bind_to_port: 'nothing is redirected by iptables, so each listener binds',
  sds_config: 'secrets come from files, not from pilot-agent',
  config_source: 'routes come from files, not from istiod',
  destination_port: 'the inbound listener has one port, so nothing is told apart by it',
};

/** What protojson leaves out because it is the default. */
const DEFAULTS: Record<string, unknown> = {
  append_action: 'APPEND_IF_EXISTS_OR_ADD',
  lb_policy: 'ROUND_ROBIN',
  action: 'ALLOW',
  numerator: 0,
  value: 0,
  denominator: 'HUNDRED',
};

/** Both sides in one form. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .filter(([name, field]) => !(name in DIFFERENT) && DEFAULTS[name] !== field)
    .map(([name, field]) => [
      name,
      name === 'host_selection_retry_max_attempts' ? Number(field) : normalise(field),
    ]);
  return Object.fromEntries(fields);
}

const named = (list: EnvoyMessage[], name: string) => list.find((item) => item.name === name) ?? {};
const names = (list: { name: string }[]) => list.map(({ name }) => name);
const proxy = (name: string) => {
  const config = translation.proxies.get(name);
  if (!config) throw new Error(`no proxy ${name}`);
  return config;
};
const same = (ours: unknown, theirs: unknown) => expect(normalise(ours)).toEqual(normalise(theirs));

describe("the translation equals istiod's", () => {
  const theirs = recorded['product-v1-1'];
  const ours = proxy('product-v1-1');

  it.each(names(theirs.routes[0].virtual_hosts))('virtual host %s', (name) => {
    const virtualHost = named(theirs.routes[0].virtual_hosts, name) as { domains: string[] };
    // A Service has an address on a cluster; locally it has a name only.
    const domains = virtualHost.domains.filter((domain) => !/^10\.96\./.test(domain));
    same(named(ours.routes[0]?.virtual_hosts as EnvoyMessage[], name), { ...virtualHost, domains });
  });

  it('route configuration', () => {
    same({ ...ours.routes[0], virtual_hosts: [] }, { ...theirs.routes[0], virtual_hosts: [] });
  });

  it.each(names(theirs.clusters))('cluster %s', (name) => {
    // Endpoints stand in the cluster: watching a file for each would use up a user's inotify instances.
    const { type: _, load_assignment: endpoints, ...cluster } = named(ours.clusters, name);
    const { type, eds_cluster_config: eds, ...istios } = named(theirs.clusters, name);
    expect({ type, serviceName: (eds as EnvoyMessage).service_name }).toEqual({
      type: 'EDS',
      serviceName: name,
    });
    expect(endpoints).toHaveProperty('cluster_name', name);
    same(cluster, istios);
  });

  it.each(['product-v1-1', 'order-v1-1'])('inbound cluster of %s', (name) => {
    const { type: _, load_assignment: __, ...cluster } = named(proxy(name).clusters, 'inbound|8080||');
    const [recordedCluster] = recorded[name].inboundClusters;
    // A service listens on a socket of its own. Istio finds it by the address that the caller has dialled, for which it keeps no
    // hosts, balances no load, and calls from an address that iptables lets through.
    const { type, lb_policy, common_lb_config, cleanup_interval, upstream_bind_config, ...istios } =
      recordedCluster;
    expect({ type, lb_policy, common_lb_config }).toEqual({
      type: 'ORIGINAL_DST',
      lb_policy: 'CLUSTER_PROVIDED',
      common_lb_config: {},
    });
    same(cluster, istios);
  });

  it('outbound connection manager', () => {
    // A Unix socket carries HTTP only, so there is nothing to tell from it.
    const { filter_chain_match: _, ...chain } = theirs.outbound[0];
    same(named(ours.listeners, '0.0.0.0_80').filter_chains, [chain]);
  });

  it('inbound filter chains under STRICT, with authorization', () => {
    same(named(ours.listeners, 'virtualInbound').filter_chains, theirs.inbound);
  });

  it('inbound filter chains under PERMISSIVE', () => {
    const chains = named(proxy('order-v1-1').listeners, 'virtualInbound').filter_chains as EnvoyMessage[];
    same(
      chains.map(({ filters: _, ...chain }) => chain),
      recorded['order-v1-1'].inbound,
    );
  });

  it('endpoints', () => {
    const cluster = 'outbound|80|v1|product.meshmart.svc.cluster.local';
    same(named(ours.clusters, cluster).load_assignment, recorded.endpoints[0]);
  });

  it('gateway listener and routes', () => {
    same(proxy('gateway').listeners, recorded.gateway.listeners);
    same(proxy('gateway').routes, recorded.gateway.routes);
  });
});
