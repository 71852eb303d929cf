import { type ClusterAccess, runKubectl } from '../cluster/access.ts';
import { STORE_NAMESPACE } from '../cluster/store.ts';
import { describeCertificate } from './certificate.ts';
import type { Json, MeshDump, ProxyDump } from './dump.ts';
import { normalise } from './normalise.ts';

/** What every proxy of the store in a cluster was told, as its Envoy tells it. */
export async function dumpCluster(
  access: ClusterAccess,
  services: string[],
  signal: AbortSignal,
): Promise<MeshDump> {
  const pods = await listProxies(access, services, signal);
  const entries = Object.entries(pods).map(async ([proxy, pod]) => {
    const request = ['exec', pod, '-n', STORE_NAMESPACE, '-c', 'istio-proxy', '--', 'pilot-agent', 'request'];
    const dump = await runKubectl(access, [...request, 'GET', 'config_dump?include_eds'], { signal });
    return [proxy, readConfigDump(JSON.parse(dump))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

interface PodObject {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
}

/** The pod of each proxy, by the name that the local platform gives to it. */
async function listProxies(
  access: ClusterAccess,
  services: string[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const selector = `app in (gateway,${services.join(',')})`;
  const args = ['get', 'pods', '-n', STORE_NAMESPACE, '--selector', selector, '--output', 'json'];
  const { items }: { items: PodObject[] } = JSON.parse(await runKubectl(access, args, { signal }));
  const pods = items.map(({ metadata }) => metadata).filter(({ deletionTimestamp }) => !deletionTimestamp);
  const seen = new Map<string, number>();
  const names = pods.sort(byName).map(({ name, labels: { app, version } }) => {
    if (app === 'gateway') return [app, name];
    const index = (seen.get(`${app}-${version}`) ?? 0) + 1;
    seen.set(`${app}-${version}`, index);
    return [`${app}-${version}-${index}`, name];
  });
  return Object.fromEntries(names);
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** As far as it is read: https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto */
interface ConfigDump {
  configs: {
    '@type': string;
    dynamic_active_clusters?: { cluster: Named & { type: string } }[];
    dynamic_endpoint_configs?: { endpoint_config: { cluster_name: string } }[];
    dynamic_listeners?: { name: string; active_state?: { listener: Named } }[];
    dynamic_route_configs?: { route_config: Named }[];
    dynamic_active_secrets?: { name: string; secret: Secret }[];
  }[];
}

interface Named {
  name: string;
}

interface Secret {
  tls_certificate?: { certificate_chain: { inline_bytes: string } };
  validation_context?: { trusted_ca: { inline_bytes: string } };
}

/** Takes what istiod sent out of the answer of Envoy's `/config_dump?include_eds`; what pilot-agent wrote into the bootstrap stays out. */
export function readConfigDump({ configs }: ConfigDump): ProxyDump {
  const all = Object.assign({}, ...configs) as ConfigDump['configs'][number];
  const named = <Item>(
    list: Item[] | undefined,
    nameOf: (item: Item) => string,
    contentOf: (item: Item) => unknown,
  ) => Object.fromEntries((list ?? []).map((item) => [nameOf(item), normalise(untyped(contentOf(item)))]));
  // Of other clusters Envoy itself makes them, as the traffic comes.
  const isSent = new Set(
    all.dynamic_active_clusters
      ?.filter(({ cluster }) => cluster.type === 'EDS')
      .map(({ cluster }) => cluster.name),
  );
  return {
    clusters: named(
      all.dynamic_active_clusters,
      ({ cluster }) => cluster.name,
      ({ cluster }) => cluster,
    ),
    endpoints: named(
      all.dynamic_endpoint_configs?.filter((item) => isSent.has(item.endpoint_config.cluster_name)),
      (item) => item.endpoint_config.cluster_name,
      (item) => item.endpoint_config,
    ),
    listeners: named(
      all.dynamic_listeners,
      ({ name }) => name,
      (item) => item.active_state?.listener,
    ),
    routes: named(
      all.dynamic_route_configs,
      (item) => item.route_config.name,
      (item) => item.route_config,
    ),
    secrets: Object.fromEntries(
      (all.dynamic_active_secrets ?? []).map(({ name, secret }) => [name, describeSecret(secret)]),
    ),
  };
}

/** The dump wraps each resource in an `Any`. */
function untyped(resource: unknown): unknown {
  const { '@type': _, ...fields } = (resource ?? {}) as Record<string, unknown>;
  return fields;
}

function describeSecret({ tls_certificate, validation_context }: Secret): Json {
  const bytes = (tls_certificate?.certificate_chain ?? validation_context?.trusted_ca)?.inline_bytes ?? '';
  return describeCertificate(Buffer.from(bytes, 'base64').toString());
}
