/** GET of a path of Envoy's admin interface. @throws when the proxy is not running or answers other than 200. */
export function readAdmin(adminSocket: string, path: string): Promise<string> {
  throw new Error(`not read yet: ${adminSocket} ${path}`);
}

/** Counters and gauges by name, those that match `filterRegex` (RE2) when it is given. */
export function readCounters(adminSocket: string, filterRegex?: string): Promise<Record<string, number>> {
  throw new Error(`not read yet: ${adminSocket} ${filterRegex}`);
}
