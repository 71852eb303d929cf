import type { EnvoyMessage, NamedMessage } from './envoy.ts';
import type { Mesh } from './workloads.ts';

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
  /** ClusterLoadAssignments by cluster name; shared by all proxies. */
  endpoints: Map<string, EnvoyMessage>;
  /** What `istioctl analyze` would say: `file:line: message`. */
  warnings: string[];
}

/** Translates the mesh's Istio resources to Envoy configuration, as istiod does. Pure. */
export function translate(mesh: Mesh): Translation {
  throw new Error(`not translated yet: ${mesh.namespace}`);
}
