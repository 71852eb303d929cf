import type { Json } from './dump.ts';

/** A place at which both platforms may differ. */
export interface Place {
  /**
   * As in `Difference`. `*` stands for anything within a part, `**` for any number of parts, `<sidecar>` for every proxy but the
   * gateway, `<elsewhere>` for a host of another namespace, `<address>` for any but 0.0.0.0, `<port>` for any but 80
   * and for one of a host of another namespace.
   */
  path: string;
  /** What each side has there; `*` for anything, left out for nothing. */
  local?: Json;
  cluster?: Json;
}

/** Differences that have to be, and why. */
export interface KnownDifference {
  reason: string;
  places: Place[];
}

const inbound = '<sidecar>/listeners/virtualInbound';
const outbound = '<sidecar>/listeners/0.0.0.0_80';
const ownCluster = '<sidecar>/clusters/inbound|8080||';

/** All that is left when both sides are normalised. Anything else is a fault of `packages/local-mesh`, or belongs here with its reason. */
export const knownDifferences: KnownDifference[] = [
  {
    reason:
      'Services of other namespaces (of Kubernetes, Istio, Argo CD, observability) are not there locally, and so neither are their listeners.',
    places: onlyCluster(
      '*/clusters/outbound|*||<elsewhere>',
      '*/endpoints/outbound|*||<elsewhere>',
      '<sidecar>/routes/<port>',
      '<sidecar>/listeners/<address>_*',
      '<sidecar>/listeners/0.0.0.0_<port>',
    ),
  },
  {
    reason: 'A local service reaches its database by itself: the local mesh carries HTTP only.',
    places: onlyCluster('*/clusters/outbound|5432||postgres.*', '*/endpoints/outbound|5432||postgres.*'),
  },
  {
    reason: 'On a cluster the gateway is a Service of the namespace as well; none of the store calls it.',
    places: onlyCluster(
      '*/clusters/outbound|80||gateway.*',
      '*/endpoints/outbound|80||gateway.*',
      '<sidecar>/routes/80/virtual_hosts/gateway.*',
    ),
  },
  {
    reason: 'A Service has an address on a cluster; locally it has names only.',
    places: onlyCluster('<sidecar>/routes/80/virtual_hosts/*/domains/(address)'),
  },
  {
    reason:
      'On a cluster iptables sends everything through two listeners. Locally each listener binds an address of its own, so there is no traffic whose destination has to be found out, or is none that is known.',
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
    reason: 'A local service sends only HTTP to its sidecar, so there is nothing to tell from it.',
    places: onlyCluster(
      `${outbound}/filter_chains/0/filter_chain_match`,
      `${outbound}/listener_filters`,
      `${outbound}/listener_filters_timeout`,
      `${outbound}/continue_on_listener_filters_timeout`,
      `${outbound}/default_filter_chain`,
    ),
  },
  {
    reason: 'Two proxies of one machine must not share a port unnoticed.',
    places: [{ path: '*/listeners/*/enable_reuse_port', local: false }],
  },
  {
    reason:
      'All spans are made by the services. A rate and tags have an effect only where a Telemetry resource names who collects those of the proxies.',
    places: onlyCluster('**/typed_config/tracing'),
  },
  {
    reason:
      'Endpoints stand in their cluster: locally a proxy would have one request more waiting for each of them.',
    places: [
      { path: '*/clusters/outbound|80|*/type', local: 'STATIC', cluster: 'EDS' },
      ...onlyCluster('*/clusters/outbound|80|*/eds_cluster_config'),
    ],
  },
  {
    reason:
      'A local service listens on a Unix socket, which the cluster names as its one endpoint; on a cluster the proxy connects to the address that was dialled, from one that iptables lets through.',
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
    reason: 'An elliptic key takes a fraction of the time to make that an RSA key takes; Istio can do both.',
    places: [{ path: '*/secrets/*/key', local: 'ec prime256v1', cluster: 'rsa 2048' }],
  },
  {
    reason: 'Nobody should take a certificate of the local mesh for one of a cluster.',
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
