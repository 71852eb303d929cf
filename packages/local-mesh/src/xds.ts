import type { EnvoyMessage } from './envoy.ts';

/** Name of the static cluster by which a proxy reaches the xDS server. */
const XDS_CLUSTER = 'xds';

/** The source of a proxy's configuration and secrets: it asks, and asks again once it has a response. */
export const XDS_SOURCE: EnvoyMessage = {
  api_config_source: {
    api_type: 'REST',
    transport_api_version: 'V3',
    cluster_names: [XDS_CLUSTER],
    // An acknowledgement comes this much later, or up to twice as much.
    refresh_delay: '0.010s',
    // The server answers when there is something new, which may be never.
    request_timeout: '86400s',
  },
  resource_api_version: 'V3',
  initial_fetch_timeout: '0s',
};

/** The xDS server as a proxy's bootstrap has it. @param socketPath of its Unix socket */
export function xdsCluster(socketPath: string): EnvoyMessage {
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
