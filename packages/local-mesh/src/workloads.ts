import { fqdn } from './hosts.ts';
import type { MeshConfig } from './mesh-config.ts';
import type { ResourceSet } from './resource-set.ts';

/** An instance of a service with its sidecar; a pod on Kubernetes. */
export interface Workload {
  /** Unique name, also of the proxy, such as `product-v1-1`. */
  name: string;
  service: string;
  version: string;
  serviceAccount: string;
  labels: Record<string, string>;
  /** Port on 127.0.0.1 for calls from peers to the sidecar. */
  inboundPort: number;
  /** Unix socket of the service itself. */
  appSocket: string;
  /** Unix socket of the sidecar for the service's own calls to peers. */
  outboundSocket: string;
  /** Unix socket of the sidecar's admin interface. */
  adminSocket: string;
  /** Result of the readiness probe. Proxies send nothing to an instance that is not ready. */
  ready: boolean;
}

/** The proxy at the edge; the pod of an ingress gateway on Kubernetes. */
export interface GatewayWorkload {
  name: string;
  serviceAccount: string;
  labels: Record<string, string>;
  /** Port on 127.0.0.1 in place of a Gateway's port 80. */
  port: number;
  adminSocket: string;
}

/** The input of the translation. */
export interface Mesh {
  namespace: string;
  resources: ResourceSet;
  meshConfig: MeshConfig;
  workloads: Workload[];
  gateway: GatewayWorkload;
}

/** Returns the SPIFFE id of a service account, as Istio's certificates have it. */
export function spiffeId(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

/** Returns the names of all services with workloads, sorted. */
export function servicesOf(mesh: Mesh): string[] {
  return [...new Set(mesh.workloads.map(({ service }) => service))].sort();
}

/** Returns the service with a full host name, or undefined when the mesh has none. */
export function findService(mesh: Mesh, host: string): string | undefined {
  return servicesOf(mesh).find((service) => fqdn(service, mesh.namespace) === host);
}
