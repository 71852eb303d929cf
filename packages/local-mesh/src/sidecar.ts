import { authorizationFilters } from './authorization-policy.ts';
import {
  BLOCK_ALL,
  DEFAULT_RETRY_POLICY,
  INBOUND_CONNECTION_MANAGER,
  INBOUND_LISTENER,
  INBOUND_ROUTE_ACTION,
  NO_TIMEOUT,
  ROUTE_CONFIGURATION,
} from './defaults.ts';
import { type RoutedVirtualService, routedVirtualServices } from './delegate.ts';
import { ruleMetadata, ruleOf } from './destination-rule.ts';
import { type EnvoyMessage, type NamedMessage, typed } from './envoy.ts';
import { patchConnectionManager } from './envoy-filter.ts';
import { fqdn, outboundCluster, resolveHost, SERVICE_PORT, servicesOf } from './hosts.ts';
import { connectionManager, routedConnectionManager } from './http-connection-manager.ts';
import { inboundTls } from './mutual-tls.ts';
import { withOrigin } from './origins.ts';
import { inboundFilterChains, mutualTlsMode } from './peer-authentication.ts';
import { connectionPoolSettings } from './traffic-policy.ts';
import { MESH_GATEWAY, translateRoutes } from './virtual-service.ts';
import type { Mesh, Workload } from './workloads.ts';

/** Where a service listens in its pod: Istio names the inbound side after it. */
const CONTAINER_PORT = 8080;
const INBOUND = `inbound|${CONTAINER_PORT}||`;
const OUTBOUND_ROUTES = String(SERVICE_PORT);

/** The sidecar's two ends. Source: pilot/pkg/networking/core/listener_builder.go. */
export function sidecarListeners(mesh: Mesh, workload: Workload): NamedMessage[] {
  return [outboundListener(mesh, workload), inboundListener(mesh, workload)];
}

/** What the service itself calls: a Unix socket in the place of iptables and port 80. */
function outboundListener({ resources }: Mesh, workload: Workload): NamedMessage {
  const filter = routedConnectionManager({
    statPrefix: `outbound_0.0.0.0_${SERVICE_PORT};`,
    routes: OUTBOUND_ROUTES,
    authorization: [],
    settings: { use_remote_address: false },
  });
  const { labels } = workload;
  const patched = patchConnectionManager(filter, resources.envoyFilters, {
    context: 'SIDECAR_OUTBOUND',
    labels,
  });
  return {
    name: `0.0.0.0_${SERVICE_PORT}`,
    address: { pipe: { path: workload.outboundSocket } },
    filter_chains: [{ filters: [patched], transport_socket_connect_timeout: '15s' }],
    traffic_direction: 'OUTBOUND',
  };
}

/** What peers call: it asks who they are, then what they may. */
function inboundListener(mesh: Mesh, workload: Workload): NamedMessage {
  const { namespace, meshConfig, resources } = mesh;
  const { service, labels } = workload;
  const route = {
    name: 'default',
    match: { prefix: '/' },
    route: { cluster: INBOUND, ...INBOUND_ROUTE_ACTION },
    decorator: { operation: `${fqdn(service, namespace)}:${SERVICE_PORT}/*` },
  };
  const virtualHost = { name: `inbound|http|${SERVICE_PORT}`, domains: ['*'], routes: [route] };
  const filter = connectionManager(
    `inbound_0.0.0.0_${CONTAINER_PORT};`,
    authorizationFilters(resources.authorizationPolicies, { namespace, labels }),
    {
      route_config: { name: INBOUND, virtual_hosts: [virtualHost], validate_clusters: false },
      ...INBOUND_CONNECTION_MANAGER,
    },
  );
  const patched = patchConnectionManager(filter, resources.envoyFilters, {
    context: 'SIDECAR_INBOUND',
    labels,
  });
  return {
    name: 'virtualInbound',
    address: { socket_address: { address: '127.0.0.1', port_value: workload.inboundPort } },
    filter_chains: inboundFilterChains(mutualTlsMode(resources.peerAuthentications, labels), {
      name: `0.0.0.0_${CONTAINER_PORT}`,
      filters: [patched],
      transportSocket: inboundTls(meshConfig.trustDomain),
    }),
    listener_filters: [
      {
        name: 'envoy.filters.listener.tls_inspector',
        typed_config: typed('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', {
          initial_read_buffer_size: 512,
        }),
      },
    ],
    traffic_direction: 'INBOUND',
    ...INBOUND_LISTENER,
  };
}

/**
 * The cluster of the service itself. A Unix socket has no address to keep, so it is STATIC where Istio has ORIGINAL_DST. Of the
 * service's DestinationRule it takes the connection pool. Source: cluster_builder.go, buildInboundCluster.
 */
export function inboundCluster(mesh: Mesh, workload: Workload): NamedMessage {
  const { service, appSocket } = workload;
  const rule = ruleOf(mesh, service);
  const policy = rule?.spec.trafficPolicy;
  const cluster = {
    name: INBOUND,
    alt_stat_name: `${INBOUND};`,
    type: 'STATIC',
    ...connectionPoolSettings(policy?.connectionPool),
    load_assignment: {
      cluster_name: INBOUND,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: appSocket } } } }] }],
    },
    metadata: {
      filter_metadata: {
        istio: {
          ...(rule && policy && ruleMetadata(mesh, rule)),
          services: [{ host: fqdn(service, mesh.namespace), name: service, namespace: mesh.namespace }],
        },
      },
    },
  };
  return rule ? withOrigin(cluster, rule, 'spec.trafficPolicy') : cluster;
}

/** Routes of every sidecar: each service, each VirtualService bound to the mesh, and 502 for any other host. Source: httproute.go. */
export function sidecarRoutes(mesh: Mesh): NamedMessage {
  const bound = routedVirtualServices(mesh).filter(
    ({ resource, rules }) =>
      rules.length > 0 && (resource.spec.gateways ?? [MESH_GATEWAY]).includes(MESH_GATEWAY),
  );
  const claimed = new Map<string, RoutedVirtualService>();
  for (const routed of bound) {
    for (const host of routed.resource.spec.hosts) claimed.set(resolveHost(host, mesh.namespace), routed);
  }
  const services = new Map(servicesOf(mesh).map((service) => [fqdn(service, mesh.namespace), service]));
  const hosts = [...new Set([...services.keys(), ...claimed.keys()])].sort();
  const virtualHosts = hosts.map((host) => {
    const routed = claimed.get(host);
    const service = services.get(host);
    const virtualHost = {
      name: `${host}:${SERVICE_PORT}`,
      domains: domainsOf(host, service, mesh.namespace).filter((name) => name === host || !claimed.has(name)),
      routes: routed ? translateRoutes(routed.resource, routed.rules, mesh.namespace) : [defaultRoute(host)],
      include_request_attempt_count: true,
    };
    return routed ? withOrigin(virtualHost, routed.resource, 'spec.hosts') : virtualHost;
  });
  return { name: OUTBOUND_ROUTES, virtual_hosts: [...virtualHosts, BLOCK_ALL], ...ROUTE_CONFIGURATION };
}

/** Every way to write a service's name from inside its namespace. Source: httproute.go, generateVirtualHostDomains. */
function domainsOf(host: string, service: string | undefined, namespace: string): string[] {
  if (!service) return [host];
  return [host, `${host}.`, service, `${service}.${namespace}.svc`, `${service}.${namespace}`];
}

/** Source: route.go, BuildDefaultHTTPOutboundRoute. */
function defaultRoute(host: string): EnvoyMessage {
  return {
    name: 'default',
    match: { prefix: '/' },
    route: {
      cluster: outboundCluster(host),
      timeout: NO_TIMEOUT,
      retry_policy: DEFAULT_RETRY_POLICY,
      max_grpc_timeout: NO_TIMEOUT,
    },
    decorator: { operation: `${host}:${SERVICE_PORT}/*` },
  };
}
