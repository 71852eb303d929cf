import { listGateways, listInstances } from '@meshmart/experiment-runner/on-cluster/instances';
import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';
import { describeCertificate } from './certificate.ts';
import type { Json, MeshDump, ProxyDump } from './dump.ts';
import { normalise } from './normalise.ts';

/** Reads the configuration of every proxy of the store in a cluster, from its Envoy's config dump. */
export async function dumpCluster(kube: Kube): Promise<MeshDump> {
  const [gateways, instances] = await Promise.all([listGateways(kube), listInstances(kube)]);
  const proxies = [...gateways, ...instances];
  const entries = proxies.map(async ({ name, ...pod }) => {
    const command = ['pilot-agent', 'request', 'GET', 'config_dump?include_eds'];
    return [name, readConfigDump(JSON.parse(await kube.exec(pod, 'istio-proxy', ...command)))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The parts in use of https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto */
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

/**
 * Extracts istiod's part from a response of Envoy's `/config_dump?include_eds`. Leaves out the bootstrap, which
 * pilot-agent writes.
 */
export function readConfigDump({ configs }: ConfigDump): ProxyDump {
  const all = Object.assign({}, ...configs) as ConfigDump['configs'][number];
  const named = <Item>(
    list: Item[] | undefined,
    nameOf: (item: Item) => string,
    contentOf: (item: Item) => unknown,
  ) => Object.fromEntries((list ?? []).map((item) => [nameOf(item), normalise(untyped(contentOf(item)))]));
  // For clusters of other types, Envoy itself adds endpoints as traffic arrives.
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
