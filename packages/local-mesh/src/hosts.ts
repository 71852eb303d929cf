/** The port of every Kubernetes Service of the store. */
export const SERVICE_PORT = 80;

/** Returns the full name of a host. A name without a dot is a Service in the resource's namespace. */
export function resolveHost(host: string, namespace: string): string {
  return host.includes('.') || host === '*' ? host : fqdn(host, namespace);
}

/** Returns the full name of a service. */
export function fqdn(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.cluster.local`;
}

/** Tells whether a host starts with a wildcard. */
export function isWild(host: string): boolean {
  return host.startsWith('*');
}

/** Tells whether a host, which may start with a wildcard, includes another one. */
export function covers(wide: string, host: string): boolean {
  return wide === '*' || wide === host || (isWild(wide) && host.endsWith(wide.slice(1)));
}

/** Returns Istio's name for an outbound cluster. */
export function outboundCluster(host: string, subset = ''): string {
  return `outbound|${SERVICE_PORT}|${subset}|${host}`;
}
