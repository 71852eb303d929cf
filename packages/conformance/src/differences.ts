import type { Json } from './dump.ts';

/** A place at which the targets may differ. */
export interface Place {
  /**
   * Path as in `Difference`, with placeholders: `*` for anything within a part, `**` for any number of parts,
   * `<sidecar>` for any proxy but the gateway, `<elsewhere>` for a host in another namespace, `<address>` for any
   * address but 0.0.0.0, and `<port>` for any port but 80 or a port of a host in another namespace.
   */
  path: string;
  /** The value on each side: `*` for any, omitted for none. */
  local?: Json;
  cluster?: Json;
}

/** Unavoidable differences and their reason. */
export interface KnownDifference {
  reason: string;
  places: Place[];
}

const inbound = '<sidecar>/listeners/virtualInbound';
const outbound = '<sidecar>/listeners/0.0.0.0_80';
const ownCluster = '<sidecar>/clusters/inbound|8080||';

/**
 * All differences between normalised sides. Any other is a bug in `packages/local-mesh`, or belongs here with its
 * reason.
 */
export const knownDifferences: KnownDifference[] = [
  {
    reason:
      'Services of other namespaces (Kubernetes, Istio, Argo CD, observability) and their listeners exist only on a cluster.',
    places: onlyCluster(
      '*/clusters/outbound|*||<elsewhere>',
      '*/endpoints/outbound|*||<elsewhere>',
      '<sidecar>/routes/<port>',
      '<sidecar>/listeners/<address>_*',
      '<sidecar>/listeners/0.0.0.0_<port>',
    ),
  },
  {
    reason: 'A local service connects to its database directly: the local mesh carries HTTP only.',
    places: onlyCluster('*/clusters/outbound|5432||postgres.*', '*/endpoints/outbound|5432||postgres.*'),
  },
  {
    reason:
      'On a cluster the gateway is also a Service of the namespace, which no service of the store calls.',
    places: onlyCluster(
      '*/clusters/outbound|80||gateway.*',
      '*/endpoints/outbound|80||gateway.*',
      '<sidecar>/routes/80/virtual_hosts/gateway.*',
    ),
  },
  {
    reason: 'A Service has an address on a cluster, and only names locally.',
    places: onlyCluster('<sidecar>/routes/80/virtual_hosts/*/domains/(address)'),
  },
  {
    reason:
      'On a cluster iptables redirects all traffic to two listeners. Locally each listener binds its own address, so every destination is known.',
    places: [
      ...onlyCluster(
        '<sidecar>/listeners/virtualOutbound',
        '*/clusters/BlackHoleCluster',
        '<sidecar>/clusters/PassthroughCluster',
        '<sidecar>/clusters/InboundPassthroughCluster',
        `${inbound}/filter_chains/virtualInbound*`,
        `${inbound}/listener_filters/envoy.filters.listener.original_dst`,
        `${inbound}/listener_filters/envoy.filters.listener.tls_inspector/filter_disabled`,
        `${inbound}/listener_filters/envoy.filters.listener.http_inspector`,
      ),
      { path: `${inbound}/filter_chains/*/filter_chain_match/destination_port`, cluster: 8080 },
      { path: `${outbound}/bind_to_port`, cluster: false },
    ],
  },
  {
    reason: 'A local service sends only HTTP to its sidecar, so the protocol need not be detected.',
    places: onlyCluster(
      `${outbound}/filter_chains/0/filter_chain_match`,
      `${outbound}/listener_filters`,
      `${outbound}/listener_filters_timeout`,
      `${outbound}/continue_on_listener_filters_timeout`,
      `${outbound}/default_filter_chain`,
    ),
  },
  {
    reason: 'Two proxies on one machine must not share a port unnoticed.',
    places: [{ path: '*/listeners/*/enable_reuse_port', local: false }],
  },
  {
    reason:
      'Only the services create spans. The sampling rate and tags take effect only with a Telemetry resource that names a collector for the proxies.',
    places: onlyCluster('**/typed_config/tracing'),
  },
  {
    reason:
      'Locally endpoints are part of their cluster: over REST, EDS would need one more waiting request for each cluster.',
    places: [
      { path: '*/clusters/outbound|80|*/type', local: 'STATIC', cluster: 'EDS' },
      ...onlyCluster('*/clusters/outbound|80|*/eds_cluster_config'),
    ],
  },
  {
    reason:
      'A local service listens on a Unix socket, the only endpoint of its cluster. On a Kubernetes cluster the proxy connects to the original destination, from an address that iptables lets through.',
    places: [
      { path: `${ownCluster}/type`, local: 'STATIC', cluster: 'ORIGINAL_DST' },
      { path: `${ownCluster}/lb_policy`, cluster: 'CLUSTER_PROVIDED' },
      { path: `${ownCluster}/common_lb_config`, cluster: {} },
      { path: `${ownCluster}/cleanup_interval`, cluster: '9223372035s' },
      {
        path: `${ownCluster}/upstream_bind_config`,
        cluster: { source_address: { address: '127.0.0.6', port_value: 0 } },
      },
      { path: '<sidecar>/endpoints/inbound|8080||', local: '*' },
    ],
  },
  {
    reason:
      'An elliptic-curve key is created in a fraction of the time that an RSA key takes. Istio supports both.',
    places: [{ path: '*/secrets/*/key', local: 'ec prime256v1', cluster: 'rsa 2048' }],
  },
  {
    reason: 'A certificate of the local mesh must not be mistaken for one of a cluster.',
    places: ['*/secrets/*/issuer', '*/secrets/ROOTCA/subject'].map((path) => ({
      path,
      local: 'O=Meshmart local mesh',
      cluster: 'O=cluster.local',
    })),
  },
];

function onlyCluster(...paths: string[]): Place[] {
  return paths.map((path) => ({ path, cluster: '*' }));
}
