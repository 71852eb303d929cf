/** Envoy's configuration in its JSON form, or a part of it. */
export type Json = string | number | boolean | null | Json[] | { [field: string]: Json };

/** A proxy's resources by kind and name. Endpoints have the name of their cluster. */
export interface ProxyDump<Resource = Json> {
  clusters: Record<string, Resource>;
  endpoints: Record<string, Resource>;
  listeners: Record<string, Resource>;
  routes: Record<string, Resource>;
  secrets: Record<string, Resource>;
}

/** Dumps by the proxy's name on the local platform: `gateway`, or an instance such as `product-v1-1`. */
export type MeshDump<Resource = Json> = Record<string, ProxyDump<Resource>>;

/** Returns a dump in which each resource is replaced by the result of `change`. */
export function mapResources<From, To>(
  dump: MeshDump<From>,
  change: (resource: From, place: { proxy: string; kind: keyof ProxyDump; name: string }) => To,
): MeshDump<To> {
  return mapValues(dump, (kinds, proxy) => {
    const changed = mapValues({ ...kinds }, (resources, kind) =>
      mapValues(resources, (resource, name) =>
        change(resource, { proxy, kind: kind as keyof ProxyDump, name }),
      ),
    );
    return changed as unknown as ProxyDump<To>;
  });
}

function mapValues<From, To>(values: Record<string, From>, change: (value: From, name: string) => To) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}
