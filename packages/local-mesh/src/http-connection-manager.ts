import { HTTP_CONNECTION_MANAGER, HTTP_FILTERS } from './defaults.ts';
import { type EnvoyMessage, type Extension, typed } from './envoy.ts';
import { XDS_SOURCE } from './xds.ts';

export const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
const TYPE = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
export const CONNECTION_MANAGER_TYPE = `type.googleapis.com/${TYPE}`;

/**
 * Returns an HTTP connection manager with Istio's defaults.
 *
 * @param authorization filters that run before all others
 * @param fields the source of its routes, and what differs from the defaults
 */
export function connectionManager(
  statPrefix: string,
  authorization: Extension[],
  fields: EnvoyMessage,
): Extension {
  return {
    name: CONNECTION_MANAGER,
    typed_config: typed(TYPE, {
      stat_prefix: statPrefix,
      http_filters: [...authorization, ...HTTP_FILTERS],
      ...HTTP_CONNECTION_MANAGER,
      ...fields,
    }),
  };
}

/** Returns a connection manager that receives its routes by RDS, so that a changed route closes no connection. */
export function routedConnectionManager(options: {
  statPrefix: string;
  routes: string;
  authorization: Extension[];
  settings: EnvoyMessage;
}): Extension {
  const { statPrefix, routes, authorization, settings } = options;
  const rds = { config_source: XDS_SOURCE, route_config_name: routes };
  return connectionManager(statPrefix, authorization, { rds, ...settings });
}
