import { analyze } from './analyze.ts';
import { destinationsOf, outboundClusterConfig } from './destination-rule.ts';
import type { Cluster, Listener, RouteConfiguration } from './envoy.ts';
import { gatewayListeners, gatewayRoutes } from './gateway.ts';
import { inboundCluster, sidecarListeners, sidecarRoutes } from './sidecar.ts';
import type { Mesh } from './workloads.ts';

/** The resources for one proxy. */
export interface ProxyConfig {
  clusters: Cluster[];
  listeners: Listener[];
  routes: RouteConfiguration[];
}

export interface Translation {
  /** By proxy name. */
  proxies: Map<string, ProxyConfig>;
  /** Messages of `istioctl analyze` and warnings of istiod, as `file:line: message`. */
  warnings: string[];
}

/** Translates Istio resources to Envoy configuration, as istiod does. Has no side effects. */
export function translate(mesh: Mesh): Translation {
  const destinations = destinationsOf(mesh);
  const outbound = destinations.map((destination) => outboundClusterConfig(mesh, destination));
  const routes = [sidecarRoutes(mesh)];
  const sidecars = mesh.workloads.map((workload): [string, ProxyConfig] => {
    const clusters = [...outbound, inboundCluster(mesh, workload)];
    return [workload.name, { clusters, listeners: sidecarListeners(mesh, workload), routes }];
  });
  const gateway = { clusters: outbound, listeners: gatewayListeners(mesh), routes: gatewayRoutes(mesh) };
  return {
    proxies: new Map([...sidecars, [mesh.gateway.name, gateway]]),
    warnings: analyze(mesh, destinations),
  };
}
