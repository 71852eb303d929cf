import { HTTP_CONNECTION_MANAGER, HTTP_FILTERS } from './defaults.ts';
import { type EnvoyMessage, typed } from './envoy.ts';
import { XDS_SOURCE } from './xds.ts';

export const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
const TYPE = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
export const CONNECTION_MANAGER_TYPE = `type.googleapis.com/${TYPE}`;

/** An HTTP connection manager; `fields` say where its routes come from and what differs from the defaults. */
export function connectionManager(
  statPrefix: string,
  authorization: EnvoyMessage[],
  fields: EnvoyMessage,
): EnvoyMessage {
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

/** A connection manager whose routes come by RDS, so that a change of a route touches no connection. */
export function routedConnectionManager(options: {
  statPrefix: string;
  routes: string;
  authorization: EnvoyMessage[];
  settings: EnvoyMessage;
}): EnvoyMessage {
  const { statPrefix, routes, authorization, settings } = options;
  const rds = { config_source: XDS_SOURCE, route_config_name: routes };
  return connectionManager(statPrefix, authorization, { rds, ...settings });
}
