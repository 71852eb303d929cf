import Type, { type Static } from 'typebox';
import type { EnvoyMessage, NamedMessage } from './envoy.ts';
import { fqdn, outboundCluster, resolveHost, servicesOf } from './hosts.ts';
import { hasLabels, Labels } from './labels.ts';
import { outboundTls } from './mutual-tls.ts';
import type { Resource } from './resources.ts';
import { closed } from './schema.ts';
import {
  connectionPoolSettings,
  loadBalancerSettings,
  mergePolicies,
  outlierSettings,
  TrafficPolicy,
} from './traffic-policy.ts';
import { type Mesh, spiffeId } from './workloads.ts';

const Subset = closed({
  name: Type.String({
    pattern: '^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
    errorMessage: 'must be letters, digits and dashes; rename it',
  }),
  labels: Type.Optional(Labels),
  trafficPolicy: Type.Optional(TrafficPolicy),
});

export const DestinationRuleSpec = closed({
  host: Type.String({ minLength: 1 }),
  trafficPolicy: Type.Optional(TrafficPolicy),
  subsets: Type.Optional(Type.Array(Subset)),
});
export type DestinationRuleSpec = Static<typeof DestinationRuleSpec>;

/** A service, or a subset of it, that proxies can send to. */
export interface Destination {
  cluster: string;
  service: string;
  host: string;
  subset: string;
  labels: Record<string, string>;
  policy: TrafficPolicy;
  rule?: Resource<DestinationRuleSpec>;
}

/** Every service as it is, and each subset that a DestinationRule makes of it. */
export function destinationsOf(mesh: Mesh): Destination[] {
  return servicesOf(mesh).flatMap((service) => {
    const host = fqdn(service, mesh.namespace);
    const rule = ruleOf(mesh, service);
    const policy = rule?.spec.trafficPolicy ?? {};
    const whole = { cluster: outboundCluster(host), service, host, subset: '', labels: {}, policy };
    if (!rule) return [whole];
    const subsets = (rule.spec.subsets ?? []).map((subset) => ({
      ...whole,
      cluster: outboundCluster(host, subset.name),
      subset: subset.name,
      labels: subset.labels ?? {},
      policy: mergePolicies(policy, subset.trafficPolicy),
    }));
    return [whole, ...subsets].map((destination) => ({ ...destination, rule }));
  });
}

/** The DestinationRule for a service; there is at most one. */
export function ruleOf(mesh: Mesh, service: string): Resource<DestinationRuleSpec> | undefined {
  const host = fqdn(service, mesh.namespace);
  return mesh.resources.destinationRules.find(({ spec }) => resolveHost(spec.host, mesh.namespace) === host);
}

/** How a cluster tells which rule has shaped it. Source: pilot/pkg/networking/util, AddConfigInfoMetadata. */
export function ruleMetadata(mesh: Mesh, rule: Resource<DestinationRuleSpec>): EnvoyMessage {
  return {
    config: `/apis/networking.istio.io/v1/namespaces/${mesh.namespace}/destination-rule/${rule.name}`,
  };
}

/**
 * The cluster by which one proxy reaches a destination. Its endpoints stand in it, where Istio sends them by EDS: Envoy takes an
 * inotify instance for each file that it watches, and Linux gives a user 128.
 * Source: pilot/pkg/networking/core/cluster_builder.go.
 */
export function outboundClusterConfig(mesh: Mesh, proxy: string, destination: Destination): NamedMessage {
  const { cluster, service, host, subset, policy, rule } = destination;
  const callees = mesh.workloads.filter((workload) => workload.service === service);
  const identities = [...new Set(callees.map(({ serviceAccount }) => serviceAccount))].map((serviceAccount) =>
    spiffeId(mesh.meshConfig.trustDomain, mesh.namespace, serviceAccount),
  );
  return {
    name: cluster,
    alt_stat_name: `${cluster};`,
    type: 'STATIC',
    load_assignment: loadAssignment(mesh, destination),
    ...connectionPoolSettings(policy.connectionPool),
    ...loadBalancerSettings(policy.loadBalancer),
    ...outlierSettings(policy.outlierDetection),
    transport_socket_matches: outboundTls(
      { name: proxy, directory: mesh.directory },
      { identities, host, subset },
    ),
    metadata: {
      filter_metadata: {
        istio: {
          ...(rule && ruleMetadata(mesh, rule)),
          services: [{ host, name: service, namespace: mesh.namespace }],
          ...(subset && { subset }),
        },
      },
    },
  };
}

/** The instances behind a destination; one that is not ready is sent marked, and not used. Source: pilot/pkg/xds/endpoints. */
function loadAssignment(mesh: Mesh, destination: Destination): EnvoyMessage {
  const instances = mesh.workloads.filter(
    ({ service, labels }) => service === destination.service && hasLabels(labels, destination.labels),
  );
  const lbEndpoints = instances.map(({ service, version, inboundPort, ready }) => ({
    endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: inboundPort } } },
    health_status: ready ? 'HEALTHY' : 'UNHEALTHY',
    metadata: {
      filter_metadata: {
        'envoy.transport_socket_match': { tlsMode: 'istio' },
        istio: { workload: `${service}-${version};${mesh.namespace};${service};${version};Kubernetes` },
      },
    },
    load_balancing_weight: 1,
  }));
  const locality = { locality: {}, lb_endpoints: lbEndpoints, load_balancing_weight: instances.length };
  return { cluster_name: destination.cluster, endpoints: instances.length > 0 ? [locality] : [] };
}
