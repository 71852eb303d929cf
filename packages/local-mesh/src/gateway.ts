import { authorizationFilters } from './authorization-policy.ts';
import {
  EDGE_CONNECTION_MANAGER,
  EDGE_LISTENER,
  GATEWAY_CONNECTION_MANAGER,
  LISTENER,
  ROUTE_CONFIGURATION,
} from './defaults.ts';
import { type RoutedVirtualService, routedVirtualServices } from './delegate.ts';
import { routeContext } from './destination-rule.ts';
import type { Listener, Route, RouteConfiguration, VirtualHost } from './envoy.ts';
import { patchConnectionManager } from './envoy-filter.ts';
import { type GatewaySpec, gatewayName } from './gateway-spec.ts';
import { covers, resolveHost, SERVICE_PORT } from './hosts.ts';
import { routedConnectionManager } from './http-connection-manager.ts';
import { hasLabels } from './labels.ts';
import { withOrigin } from './origins.ts';
import { requestAuthenticationFilters } from './request-authentication.ts';
import type { Resource } from './resource.ts';
import { isCatchAll, translateRoutes } from './virtual-service.ts';
import type { Mesh } from './workloads.ts';

/** The port of the gateway's pod behind port 80 of its Service. Istio names listener and routes after it. */
const TARGET_PORT = 80;
const ROUTES = `http.${TARGET_PORT}`;

/**
 * Returns the listener of the gateway's proxy: one for all Gateways that select it, none without a Gateway.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/gateway.go#L118
 */
export function gatewayListeners(mesh: Mesh): Listener[] {
  if (selectingGateways(mesh).length === 0) return [];
  const { labels, port } = mesh.gateway;
  const isEdge = mesh.meshConfig.defaultConfig?.connectionSettings.profile === 'EDGE';
  const { requestAuthentications, authorizationPolicies } = mesh.resources;
  const authorization = [
    ...requestAuthenticationFilters(requestAuthentications, labels, true),
    ...authorizationFilters(authorizationPolicies, { namespace: mesh.namespace, labels }),
  ];
  const filter = routedConnectionManager({
    statPrefix: `outbound_0.0.0.0_${TARGET_PORT};`,
    routes: ROUTES,
    authorization,
    settings: { ...GATEWAY_CONNECTION_MANAGER, ...(isEdge && EDGE_CONNECTION_MANAGER) },
  });
  const patched = patchConnectionManager(filter, mesh.resources.envoyFilters, { context: 'GATEWAY', labels });
  return [
    {
      name: `0.0.0.0_${TARGET_PORT}`,
      address: { socket_address: { address: '127.0.0.1', port_value: port } },
      filter_chains: [{ filters: [patched], transport_socket_connect_timeout: '15s' }],
      traffic_direction: 'OUTBOUND',
      ...LISTENER,
      ...(isEdge && EDGE_LISTENER),
    },
  ];
}

/**
 * Returns the routes of the gateway's proxy, from the VirtualServices that name one of its Gateways.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/gateway.go#L397
 */
export function gatewayRoutes(mesh: Mesh): RouteConfiguration[] {
  const gateways = selectingGateways(mesh);
  if (gateways.length === 0) return [];
  const virtualHosts = mergeByName(
    routedVirtualServices(mesh).flatMap((routed) => virtualHostsOf(mesh, gateways, routed)),
  );
  const blackHole: VirtualHost = { name: `blackhole:${SERVICE_PORT}`, domains: ['*'], routes: [] };
  return [
    {
      name: ROUTES,
      virtual_hosts: virtualHosts.length > 0 ? virtualHosts.sort(byName) : [blackHole],
      ...ROUTE_CONFIGURATION,
    },
  ];
}

/** Merges virtual hosts of one name, which come from VirtualServices bound to different Gateways. */
function mergeByName(virtualHosts: VirtualHost[]): VirtualHost[] {
  const merged = new Map<string, VirtualHost>();
  for (const virtualHost of virtualHosts) {
    const known = merged.get(virtualHost.name);
    if (known) known.routes = catchAllLast([...known.routes, ...virtualHost.routes]);
    else merged.set(virtualHost.name, virtualHost);
  }
  return [...merged.values()];
}

/** Tells whether the gateway's proxy serves a Gateway. A Gateway without a selector applies to every gateway. */
export function selectsGateway(mesh: Mesh, gateway: Resource<GatewaySpec>): boolean {
  return hasLabels(mesh.gateway.labels, gateway.spec.selector ?? {});
}

function selectingGateways(mesh: Mesh): Resource<GatewaySpec>[] {
  return mesh.resources.gateways.filter((gateway) => selectsGateway(mesh, gateway));
}

/** Returns a virtual host for each host of a VirtualService that one of its Gateways serves. */
function virtualHostsOf(
  mesh: Mesh,
  gateways: Resource<GatewaySpec>[],
  { resource, rules }: RoutedVirtualService,
): VirtualHost[] {
  if (rules.length === 0) return [];
  const names = resource.spec.gateways?.map((name) => gatewayName(name, mesh.namespace)) ?? [];
  const binding = gateways.filter(({ name }) => names.includes(name));
  const served = binding.flatMap(({ spec }) => spec.servers.flatMap(({ hosts }) => hosts));
  const hosts = resource.spec.hosts.map((host) => resolveHost(host, mesh.namespace));
  const routes = catchAllLast(translateRoutes(resource, rules, routeContext(mesh)));
  return commonHosts(served, hosts).map((host) => {
    const name = `${host}:${SERVICE_PORT}`;
    const virtualHost: VirtualHost = { name, domains: [host], routes, include_request_attempt_count: true };
    return withOrigin(virtualHost, resource, 'spec.hosts');
  });
}

/** Returns the hosts that both Gateways and VirtualService name. If two overlap, the narrower one counts. */
function commonHosts(served: string[], claimed: string[]): string[] {
  const common = claimed.flatMap((host) =>
    served.flatMap((gatewayHost) => {
      if (covers(gatewayHost, host)) return [host];
      return covers(host, gatewayHost) ? [gatewayHost] : [];
    }),
  );
  return [...new Set(common)];
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1620 */
function catchAllLast(routes: Route[]): Route[] {
  return [...routes.filter((route) => !isCatchAll(route)), ...routes.filter(isCatchAll)];
}

function byName(a: VirtualHost, b: VirtualHost): number {
  return a.name < b.name ? -1 : 1;
}
