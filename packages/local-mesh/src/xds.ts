import type { Cluster, EnvoyMessage } from './envoy.ts';

/** The static cluster by which a proxy reaches the xDS server. */
const XDS_CLUSTER = 'xds';

/**
 * The source of a proxy's configuration and secrets, which the proxy polls: each response is followed by the next
 * request.
 */
export const XDS_SOURCE: EnvoyMessage = {
  api_config_source: {
    api_type: 'REST',
    transport_api_version: 'V3',
    cluster_names: [XDS_CLUSTER],
    // Delays each request, and with it the acknowledgement, by one to two times this.
    refresh_delay: '0.010s',
    // The server responds when there is a new version, which may be never.
    request_timeout: '86400s',
  },
  resource_api_version: 'V3',
  initial_fetch_timeout: '0s',
};

/** Returns the cluster for a proxy's bootstrap. @param socketPath Unix socket of the xDS server */
export function xdsCluster(socketPath: string): Pick<Cluster, 'name' | 'type' | 'load_assignment'> {
  const address = { pipe: { path: socketPath } };
  return {
    name: XDS_CLUSTER,
    type: 'STATIC',
    load_assignment: {
      cluster_name: XDS_CLUSTER,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  };
}
