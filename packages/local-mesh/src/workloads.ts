import type { MeshConfig } from './mesh-config.ts';
import type { ResourceSet } from './resources.ts';

/** One instance of a service: what Kubernetes knows as a pod, with the sidecar in front of it. */
export interface Workload {
  /** Unique: names the proxy, too, e.g. `product-v1-1`. */
  name: string;
  service: string;
  version: string;
  serviceAccount: string;
  labels: Record<string, string>;
  /** Port on 127.0.0.1 where the sidecar takes calls from peers. */
  inboundPort: number;
  /** Unix socket on which the service itself listens. */
  appSocket: string;
  /** Unix socket on which the sidecar takes the service's own calls to peers. */
  outboundSocket: string;
  /** Unix socket of the sidecar's admin interface. */
  adminSocket: string;
  /** Whether callers may be sent here: the outcome of the readiness probe. */
  ready: boolean;
}

/** The edge proxy: the pod of an Istio ingress gateway. */
export interface GatewayWorkload {
  name: string;
  serviceAccount: string;
  labels: Record<string, string>;
  /** Port on 127.0.0.1 that stands for port 80 of a Gateway. */
  port: number;
  adminSocket: string;
}

/** Everything that the translation depends on. */
export interface Mesh {
  namespace: string;
  resources: ResourceSet;
  meshConfig: MeshConfig;
  workloads: Workload[];
  gateway: GatewayWorkload;
}

/** SPIFFE id of a service account, as Istio writes it into certificates. */
export function spiffeId(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}
