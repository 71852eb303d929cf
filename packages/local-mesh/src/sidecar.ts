import { authorizationFilters } from './authorization-policy.ts';
import { hashPolicies } from './consistent-hash.ts';
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
import { hashFor, routeContext, ruleMetadata, ruleOf } from './destination-rule.ts';
import {
  type Cluster,
  type Listener,
  type Route,
  type RouteConfiguration,
  typed,
  type VirtualHost,
} from './envoy.ts';
import { patchConnectionManager } from './envoy-filter.ts';
import { fqdn, outboundCluster, resolveHost, SERVICE_PORT } from './hosts.ts';
import { connectionManager, routedConnectionManager } from './http-connection-manager.ts';
import { inboundTls } from './mutual-tls.ts';
import { withOrigin } from './origins.ts';
import { inboundFilterChains, mutualTlsMode } from './peer-authentication.ts';
import { requestAuthenticationFilters } from './request-authentication.ts';
import { connectionPoolSettings } from './traffic-policy.ts';
import { MESH_GATEWAY, translateRoutes } from './virtual-service.ts';
import { type Mesh, servicesOf, type Workload } from './workloads.ts';

/** The port of a service in its pod, after which Istio names the inbound side. */
const CONTAINER_PORT = 8080;
const INBOUND = `inbound|${CONTAINER_PORT}||`;
const OUTBOUND_ROUTES = String(SERVICE_PORT);

/**
 * Returns a sidecar's listeners.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/listener.go#L252
 */
export function sidecarListeners(mesh: Mesh, workload: Workload): Listener[] {
  return [outboundListener(mesh, workload), inboundListener(mesh, workload)];
}

/** Returns the listener for the service's own calls: a Unix socket in place of iptables and port 80. */
function outboundListener({ resources }: Mesh, workload: Workload): Listener {
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

/** Returns the listener for calls of peers, which authenticates and then authorizes them. */
function inboundListener(mesh: Mesh, workload: Workload): Listener {
  const { namespace, meshConfig, resources } = mesh;
  const { service, labels } = workload;
  const route: Route = {
    name: 'default',
    match: { prefix: '/' },
    route: { cluster: INBOUND, ...INBOUND_ROUTE_ACTION },
    decorator: { operation: `${fqdn(service, namespace)}:${SERVICE_PORT}/*` },
  };
  const virtualHost: VirtualHost = { name: `inbound|http|${SERVICE_PORT}`, domains: ['*'], routes: [route] };
  const filter = connectionManager(
    `inbound_0.0.0.0_${CONTAINER_PORT};`,
    [
      ...requestAuthenticationFilters(resources.requestAuthentications, labels, false),
      ...authorizationFilters(resources.authorizationPolicies, { namespace, labels }),
    ],
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
 * Returns the cluster of a sidecar's own service, with the connection pool of its DestinationRule. It is STATIC where
 * Istio has ORIGINAL_DST, since a call on a Unix socket has no original address.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_builder.go#L634
 */
export function inboundCluster(mesh: Mesh, workload: Workload): Cluster {
  const { service, appSocket } = workload;
  const rule = ruleOf(mesh, service);
  const policy = rule?.spec.trafficPolicy;
  const cluster: Cluster = {
    name: INBOUND,
    alt_stat_name: `${INBOUND};`,
    type: 'STATIC',
    ...connectionPoolSettings(policy ?? {}),
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

/**
 * Returns the routes of every sidecar: to each service, by each VirtualService bound to the mesh, and 502 for any other
 * host.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/httproute.go#L162
 */
export function sidecarRoutes(mesh: Mesh): RouteConfiguration {
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
    const virtualHost: VirtualHost = {
      name: `${host}:${SERVICE_PORT}`,
      domains: domainsOf(host, service, mesh.namespace).filter((name) => name === host || !claimed.has(name)),
      routes: routed
        ? translateRoutes(routed.resource, routed.rules, routeContext(mesh))
        : [defaultRoute(mesh, host, service)],
      include_request_attempt_count: true,
    };
    return routed ? withOrigin(virtualHost, routed.resource, 'spec.hosts') : virtualHost;
  });
  return { name: OUTBOUND_ROUTES, virtual_hosts: [...virtualHosts, BLOCK_ALL], ...ROUTE_CONFIGURATION };
}

/**
 * Returns every spelling of a service's name from inside its namespace.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/httproute.go#L567
 */
function domainsOf(host: string, service: string | undefined, namespace: string): string[] {
  if (!service) return [host];
  return [host, `${host}.`, service, `${service}.${namespace}.svc`, `${service}.${namespace}`];
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1360 */
function defaultRoute(mesh: Mesh, host: string, service = ''): Route {
  const hash_policy = hashPolicies(hashFor(mesh, service));
  return {
    name: 'default',
    match: { prefix: '/' },
    route: {
      cluster: outboundCluster(host),
      timeout: NO_TIMEOUT,
      retry_policy: DEFAULT_RETRY_POLICY,
      max_grpc_timeout: NO_TIMEOUT,
      ...(hash_policy.length > 0 && { hash_policy }),
    },
    decorator: { operation: `${host}:${SERVICE_PORT}/*` },
  };
}
