import type { Json } from './dump.ts';

/** A difference between the platforms that has to be, and why. */
export interface KnownDifference {
  /**
   * Where, as in `Difference`. `*` stands for anything within a part, `**` for any number of parts, `<sidecar>` for every proxy
   * but the gateway, `<elsewhere>` for a host of another namespace, `<address>` for any but 0.0.0.0, `<port>` for any but 80.
   */
  path: string;
  /** What each side has there; `*` for anything, left out for nothing. */
  local?: Json;
  cluster?: Json;
  reason: string;
}

const inbound = '<sidecar>/listeners/virtualInbound';
const outbound = '<sidecar>/listeners/0.0.0.0_80';
const ownCluster = '<sidecar>/clusters/inbound|8080||';

/** All that is left when both sides are normalised. Anything else is a fault of `packages/local-mesh`, or belongs here with its reason. */
export const knownDifferences: KnownDifference[] = [
  ...everywhere(
    ['*/clusters/outbound|*||<elsewhere>', '*/endpoints/outbound|*||<elsewhere>', '<sidecar>/routes/<port>'],
    'Services of other namespaces (of Kubernetes, Istio, observability) are not there locally.',
  ),
  ...everywhere(
    ['<sidecar>/listeners/<address>_*', '<sidecar>/listeners/0.0.0.0_<port>'],
    'Listeners of those services, and of the database.',
  ),
  ...everywhere(
    ['*/clusters/outbound|5432||postgres.*', '*/endpoints/outbound|5432||postgres.*'],
    'A local service reaches its database past the mesh, which has no hand in TCP.',
  ),
  ...everywhere(
    [
      '*/clusters/outbound|80||gateway.*',
      '*/endpoints/outbound|80||gateway.*',
      '<sidecar>/routes/80/virtual_hosts/gateway.*',
    ],
    'On a cluster the gateway is a Service of the namespace as well; none of the store calls it.',
  ),
  ...everywhere(
    ['<sidecar>/routes/80/virtual_hosts/*/domains/(address)'],
    'A Service has an address on a cluster; locally it has names only.',
  ),
  ...everywhere(
    ['<sidecar>/listeners/virtualOutbound', '*/clusters/*BlackHoleCluster', '*/clusters/*PassthroughCluster'],
    'Locally nothing is redirected by iptables, so there is no traffic without a listener of its own.',
  ),
  ...everywhere(
    [
      `${inbound}/filter_chains/virtualInbound*`,
      `${inbound}/listener_filters/envoy.filters.listener.original_dst`,
      `${inbound}/listener_filters/envoy.filters.listener.tls_inspector/filter_disabled`,
    ],
    'For the same reason the inbound listener takes one port only, and has not to find out which was meant.',
  ),
  {
    path: `${inbound}/filter_chains/*/filter_chain_match/destination_port`,
    cluster: 8080,
    reason: 'As above.',
  },
  ...everywhere(
    [`${inbound}/listener_filters/envoy.filters.listener.http_inspector`],
    'Under PERMISSIVE Istio looks into plain text of ports that no Service has, which locally do not exist.',
  ),
  ...everywhere(
    [
      `${outbound}/filter_chains/0/filter_chain_match`,
      `${outbound}/listener_filters`,
      `${outbound}/listener_filters_timeout`,
      `${outbound}/continue_on_listener_filters_timeout`,
      `${outbound}/default_filter_chain`,
    ],
    'A local service sends only HTTP to its sidecar, by a Unix socket, so there is nothing to tell from it.',
  ),
  {
    path: `${outbound}/bind_to_port`,
    cluster: false,
    reason: 'Each local listener binds its own address, since nothing is redirected.',
  },
  {
    path: '*/listeners/*/enable_reuse_port',
    local: false,
    reason: 'Two proxies of one machine must not share a port unnoticed.',
  },
  ...everywhere(
    ['**/typed_config/tracing'],
    'The services make all spans; a sampling rate and tags take effect only where a Telemetry resource names a provider.',
  ),
  {
    path: '*/clusters/outbound|80|*/type',
    local: 'STATIC',
    cluster: 'EDS',
    reason:
      'Endpoints stand in their cluster: watching a file for each would use up the inotify instances of a user.',
  },
  ...everywhere(['*/clusters/outbound|80|*/eds_cluster_config'], 'As above.'),
  {
    path: `${ownCluster}/type`,
    local: 'STATIC',
    cluster: 'ORIGINAL_DST',
    reason:
      'A local service is behind a Unix socket, which the cluster names, instead of the address that was dialled.',
  },
  { path: '<sidecar>/endpoints/inbound|8080||', local: '*', reason: 'As above.' },
  {
    path: `${ownCluster}/lb_policy`,
    cluster: 'CLUSTER_PROVIDED',
    reason: 'As above; there is one endpoint.',
  },
  { path: `${ownCluster}/common_lb_config`, cluster: {}, reason: 'As above.' },
  { path: `${ownCluster}/cleanup_interval`, cluster: '9223372035s', reason: 'As above.' },
  {
    path: `${ownCluster}/upstream_bind_config`,
    cluster: { source_address: { address: '127.0.0.6', port_value: 0 } },
    reason: 'The address that iptables lets through; locally there is no iptables.',
  },
  {
    path: '*/secrets/*/key',
    local: 'ec prime256v1',
    cluster: 'rsa 2048',
    reason:
      'An elliptic curve is made in a millisecond, which counts when eight proxies start; Istio offers it as an option.',
  },
  ...['*/secrets/*/issuer', '*/secrets/ROOTCA/subject'].map((path) => ({
    path,
    local: 'O=Meshmart local mesh',
    cluster: 'O=cluster.local',
    reason: 'Nobody should take a certificate of the local mesh for one of a cluster.',
  })),
];

/** Places where only the cluster has something. */
function everywhere(paths: string[], reason: string): KnownDifference[] {
  return paths.map((path) => ({ path, cluster: '*', reason }));
}
