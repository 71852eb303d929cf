import type { Mesh } from './workloads.ts';

/** The port of every Kubernetes Service of the store. */
export const SERVICE_PORT = 80;

/** The full name of a host: a name without a dot is a Service of the resource's own namespace. */
export function resolveHost(host: string, namespace: string): string {
  return host.includes('.') || host === '*' ? host : fqdn(host, namespace);
}

export function fqdn(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.cluster.local`;
}

export function isWild(host: string): boolean {
  return host.startsWith('*');
}

/** Whether a host, which may begin with a wildcard, takes in another one. */
export function covers(wide: string, host: string): boolean {
  return wide === '*' || wide === host || (isWild(wide) && host.endsWith(wide.slice(1)));
}

/** Names of the services that have workloads, in the order of their names. */
export function servicesOf(mesh: Mesh): string[] {
  return [...new Set(mesh.workloads.map(({ service }) => service))].sort();
}

/** The service behind a full host name, or undefined when the mesh has none of that name. */
export function findService(mesh: Mesh, host: string): string | undefined {
  return servicesOf(mesh).find((service) => fqdn(service, mesh.namespace) === host);
}

/** Istio's name of an outbound cluster. */
export function outboundCluster(host: string, subset = ''): string {
  return `outbound|${SERVICE_PORT}|${subset}|${host}`;
}
