import type { ConsistentHash } from './consistent-hash.ts';
import type { DestinationRuleSpec } from './destination-rule-spec.ts';
import type { Cluster, ClusterLoadAssignment, EnvoyMessage, LbEndpoint } from './envoy.ts';
import { groupByPriority } from './failover.ts';
import { covers, fqdn, isWild, outboundCluster, resolveHost } from './hosts.ts';
import { hasLabels } from './labels.ts';
import { outboundTls } from './mutual-tls.ts';
import { withOrigin } from './origins.ts';
import type { Resource } from './resource.ts';
import {
  connectionPoolSettings,
  loadBalancerSettings,
  mergePolicies,
  outlierSettings,
  type TrafficPolicy,
} from './traffic-policy.ts';
import type { RouteContext } from './virtual-service.ts';
import { findService, type Mesh, servicesOf, spiffeId, type Workload } from './workloads.ts';

/** A service or a subset of one, for which every proxy has a cluster. */
export interface Destination {
  cluster: string;
  service: string;
  host: string;
  subset: string;
  labels: Record<string, string>;
  policy: TrafficPolicy;
  rule?: Resource<DestinationRuleSpec>;
  /** The field of the rule that describes this destination. */
  field: string;
}

/** Returns a destination for each service, and one for each of its subsets. */
export function destinationsOf(mesh: Mesh): Destination[] {
  return servicesOf(mesh).flatMap((service) => {
    const host = fqdn(service, mesh.namespace);
    const rule = ruleOf(mesh, service);
    const policy = rule?.spec.trafficPolicy ?? {};
    const field = 'spec.trafficPolicy';
    const whole = { cluster: outboundCluster(host), service, host, subset: '', labels: {}, policy, field };
    if (!rule) return [whole];
    const subsets = (rule.spec.subsets ?? []).map((subset, index) => ({
      ...whole,
      cluster: outboundCluster(host, subset.name),
      subset: subset.name,
      labels: subset.labels ?? {},
      policy: mergePolicies(policy, subset.trafficPolicy),
      field: `spec.subsets[${index}]`,
    }));
    return [whole, ...subsets].map((destination) => ({ ...destination, rule }));
  });
}

/** Returns the DestinationRule in force for a service: the one with the most specific matching host. */
export function ruleOf(mesh: Mesh, service: string): Resource<DestinationRuleSpec> | undefined {
  const host = fqdn(service, mesh.namespace);
  const hostOf = ({ spec }: Resource<DestinationRuleSpec>) => resolveHost(spec.host, mesh.namespace);
  const rules = mesh.resources.destinationRules.filter((rule) => covers(hostOf(rule), host));
  const [narrowest] = rules.toSorted(
    (a, b) => Number(isWild(hostOf(a))) - Number(isWild(hostOf(b))) || hostOf(b).length - hostOf(a).length,
  );
  return narrowest;
}

/** Returns what routes need to know about destinations. */
export function routeContext(mesh: Mesh): RouteContext {
  const { namespace } = mesh;
  return { namespace, hashFor: (host, subset) => hashFor(mesh, findService(mesh, host) ?? '', subset) };
}

/**
 * Returns the consistent hash for a destination: its subset's, or else its rule's.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1576
 */
export function hashFor(mesh: Mesh, service: string, subset = ''): ConsistentHash | undefined {
  const { trafficPolicy, subsets = [] } = ruleOf(mesh, service)?.spec ?? {};
  const own = subsets.find(({ name }) => name === subset)?.trafficPolicy;
  return own?.loadBalancer?.consistentHash ?? trafficPolicy?.loadBalancer?.consistentHash;
}

/**
 * Returns the metadata that names a cluster's rule.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/util/util.go#L404
 */
export function ruleMetadata(mesh: Mesh, rule: Resource<DestinationRuleSpec>): EnvoyMessage {
  return {
    config: `/apis/networking.istio.io/v1/namespaces/${mesh.namespace}/destination-rule/${rule.name}`,
  };
}

/**
 * Returns the cluster by which every proxy reaches a destination. It contains its endpoints, which Istio sends by EDS:
 * over REST each cluster would need a waiting request of its own.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_builder.go#L476
 */
export function outboundClusterConfig(mesh: Mesh, destination: Destination): Cluster {
  const { cluster, service, host, subset, policy, rule, field } = destination;
  const callees = mesh.workloads.filter((workload) => workload.service === service);
  const identities = [...new Set(callees.map(({ serviceAccount }) => serviceAccount))].map((serviceAccount) =>
    spiffeId(mesh.meshConfig.trustDomain, mesh.namespace, serviceAccount),
  );
  const config: Cluster = {
    name: cluster,
    alt_stat_name: `${cluster};`,
    type: 'STATIC',
    load_assignment: loadAssignment(mesh, destination),
    ...connectionPoolSettings(policy),
    ...loadBalancerSettings(policy.loadBalancer),
    ...outlierSettings(policy),
    ...outboundTls(policy.tls?.mode, { identities, host, subset }),
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
  return rule ? withOrigin(config, rule, field) : config;
}

/**
 * Returns a destination's instances, by priority. Those that are not ready are marked as unhealthy, so that proxies skip
 * them.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/xds/endpoints/endpoint_builder.go#L425
 */
function loadAssignment(
  mesh: Mesh,
  { cluster, service, labels, policy }: Destination,
): ClusterLoadAssignment {
  const instances = mesh.workloads.filter(
    (workload) => workload.service === service && hasLabels(workload.labels, labels),
  );
  const endpoints = groupByPriority(instances, policy).map((group, priority) => ({
    locality: {},
    ...(priority > 0 && { priority }),
    lb_endpoints: group.map((workload) => toEndpoint(mesh, workload, policy.tls?.mode !== 'DISABLE')),
    load_balancing_weight: group.length,
  }));
  return { cluster_name: cluster, endpoints };
}

/** @param isTls whether the destination's policy allows mutual TLS */
function toEndpoint(
  { namespace }: Mesh,
  { service, version, inboundPort, ready }: Workload,
  isTls: boolean,
): LbEndpoint {
  return {
    endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: inboundPort } } },
    health_status: ready ? 'HEALTHY' : 'UNHEALTHY',
    metadata: {
      filter_metadata: {
        ...(isTls && { 'envoy.transport_socket_match': { tlsMode: 'istio' } }),
        istio: { workload: `${service}-${version};${namespace};${service};${version};Kubernetes` },
      },
    },
    load_balancing_weight: 1,
  };
}
