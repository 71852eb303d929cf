import { analyze } from './analyze.ts';
import { type Destination, destinationsOf, outboundClusterConfig } from './destination-rule.ts';
import type { NamedMessage } from './envoy.ts';
import { gatewayListeners, gatewayRoutes } from './gateway.ts';
import { inboundCluster, sidecarListeners, sidecarRoutes } from './sidecar.ts';
import type { Mesh, Workload } from './workloads.ts';

/** What one proxy is told, before it is written to files. */
export interface ProxyConfig {
  clusters: NamedMessage[];
  listeners: NamedMessage[];
  /** Route configurations, one RDS file each. */
  routes: NamedMessage[];
}

export interface Translation {
  /** By proxy name. */
  proxies: Map<string, ProxyConfig>;
  /** What `istioctl analyze` would say: `file:line: message`. */
  warnings: string[];
}

/** Translates the mesh's Istio resources to Envoy configuration, as istiod does. Pure. */
export function translate(mesh: Mesh): Translation {
  const destinations = destinationsOf(mesh);
  const proxies = new Map(
    mesh.workloads.map((workload) => [workload.name, translateSidecar(mesh, workload, destinations)]),
  );
  proxies.set(mesh.gateway.name, translateGateway(mesh, destinations));
  return {
    proxies,
    warnings: analyze(mesh, destinations),
  };
}

function translateSidecar(mesh: Mesh, workload: Workload, destinations: Destination[]): ProxyConfig {
  return {
    clusters: [...outboundClusters(mesh, workload.name, destinations), inboundCluster(mesh, workload)],
    listeners: sidecarListeners(mesh, workload),
    routes: [sidecarRoutes(mesh)],
  };
}

function translateGateway(mesh: Mesh, destinations: Destination[]): ProxyConfig {
  return {
    clusters: outboundClusters(mesh, mesh.gateway.name, destinations),
    listeners: gatewayListeners(mesh),
    routes: gatewayRoutes(mesh),
  };
}

function outboundClusters(mesh: Mesh, proxy: string, destinations: Destination[]): NamedMessage[] {
  return destinations.map((destination) => outboundClusterConfig(mesh, proxy, destination));
}
