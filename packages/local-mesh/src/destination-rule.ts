import Type, { type Static } from 'typebox';
import { CLUSTER, DEFAULT_LOAD_BALANCER, NO_PANIC } from './defaults.ts';
import type { EnvoyMessage, NamedMessage } from './envoy.ts';
import { fqdn, outboundCluster, resolveHost, servicesOf } from './hosts.ts';
import { hasLabels, Labels } from './labels.ts';
import { outboundTls } from './mutual-tls.ts';
import type { Resource } from './resources.ts';
import { closed } from './schema.ts';
import { type Mesh, spiffeId } from './workloads.ts';

const TrafficPolicy = closed({
  loadBalancer: closed({ simple: Type.Enum(['UNSPECIFIED', 'LEAST_REQUEST', 'ROUND_ROBIN', 'RANDOM']) }),
});

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
  loadBalancer: string;
  rule?: Resource<DestinationRuleSpec>;
}

/** Every service as it is, and each subset that a DestinationRule makes of it. */
export function destinationsOf(mesh: Mesh): Destination[] {
  return servicesOf(mesh).flatMap((service) => {
    const host = fqdn(service, mesh.namespace);
    const rule = mesh.resources.destinationRules.find(
      ({ spec }) => resolveHost(spec.host, mesh.namespace) === host,
    );
    const loadBalancer = rule?.spec.trafficPolicy?.loadBalancer.simple ?? DEFAULT_LOAD_BALANCER;
    const whole = { cluster: outboundCluster(host), service, host, subset: '', labels: {}, loadBalancer };
    if (!rule) return [whole];
    const subsets = (rule.spec.subsets ?? []).map((subset) => ({
      ...whole,
      cluster: outboundCluster(host, subset.name),
      subset: subset.name,
      labels: subset.labels ?? {},
      loadBalancer: subset.trafficPolicy?.loadBalancer.simple ?? loadBalancer,
    }));
    return [whole, ...subsets].map((destination) => ({ ...destination, rule }));
  });
}

/**
 * The cluster by which one proxy reaches a destination. Its endpoints stand in it, where Istio sends them by EDS: Envoy takes an
 * inotify instance for each file that it watches, and Linux gives a user 128.
 * Source: pilot/pkg/networking/core/cluster_builder.go.
 */
export function outboundClusterConfig(mesh: Mesh, proxy: string, destination: Destination): NamedMessage {
  const { cluster, service, host, subset, loadBalancer, rule } = destination;
  const callees = mesh.workloads.filter((workload) => workload.service === service);
  const identities = [...new Set(callees.map(({ serviceAccount }) => serviceAccount))].map((serviceAccount) =>
    spiffeId(mesh.meshConfig.trustDomain, mesh.namespace, serviceAccount),
  );
  return {
    name: cluster,
    alt_stat_name: `${cluster};`,
    type: 'STATIC',
    load_assignment: loadAssignment(mesh, destination),
    ...CLUSTER,
    lb_policy: loadBalancer === 'UNSPECIFIED' ? DEFAULT_LOAD_BALANCER : loadBalancer,
    common_lb_config: NO_PANIC,
    transport_socket_matches: outboundTls(
      { name: proxy, directory: mesh.directory },
      { identities, host, subset },
    ),
    metadata: {
      filter_metadata: {
        istio: {
          ...(rule && {
            config: `/apis/networking.istio.io/v1/namespaces/${mesh.namespace}/destination-rule/${rule.name}`,
          }),
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
  const lbEndpoints = instances.map(({ name, service, version, inboundPort, ready }) => ({
    endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: inboundPort } } },
    health_status: ready ? 'HEALTHY' : 'UNHEALTHY',
    metadata: {
      filter_metadata: {
        'envoy.transport_socket_match': { tlsMode: 'istio' },
        istio: { workload: `${name};${mesh.namespace};${service};${version};Kubernetes` },
      },
    },
    load_balancing_weight: 1,
  }));
  const locality = { locality: {}, lb_endpoints: lbEndpoints, load_balancing_weight: instances.length };
  return { cluster_name: destination.cluster, endpoints: instances.length > 0 ? [locality] : [] };
}
