/*
 * What istiod sends without being asked, in one place. Each block names its source in istio/istio (1.31 line); all of it was
 * compared with the output of that istiod for the standing mesh.
 */
import { type EnvoyMessage, typed } from './envoy.ts';

/** Envoy itself ends a request after 15 s. Source: pilot/pkg/networking/core/route/route.go, setTimeout. */
export const NO_TIMEOUT = '0s';

const PREVIOUS_HOSTS = {
  name: 'envoy.retry_host_predicates.previous_hosts',
  typed_config: typed('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
};

/** How a route retries when its rule says nothing. Source: pilot/pkg/networking/core/route/retry/retry.go, DefaultPolicy. */
export const DEFAULT_RETRY_POLICY = {
  retry_on: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
  num_retries: 2,
  retry_host_predicate: [PREVIOUS_HOSTS],
  host_selection_retry_max_attempts: 5,
};

/** How the callee's sidecar treats its own service. Source: route.go, BuildDefaultHTTPInboundRoute. */
export const INBOUND_ROUTE_ACTION = {
  timeout: NO_TIMEOUT,
  retry_policy: { retry_on: 'reset-before-request', num_retries: 2 },
  max_stream_duration: { max_stream_duration: '0s', grpc_timeout_header_max: '0s' },
};

/** Route configurations of sidecars and gateways. Source: pilot/pkg/networking/core/httproute.go and gateway.go. */
export const ROUTE_CONFIGURATION = {
  validate_clusters: false,
  ignore_port_in_host_matching: true,
  max_direct_response_body_size_bytes: 1024 * 1024,
};

const UNLIMITED = 4_294_967_295;

/** Breakers stand at the maximum; Envoy's own are 1024 and 3 retries. Source: cluster_traffic_policy.go, getDefaultCircuitBreakerThresholds. */
export const BREAKERS = {
  max_connections: UNLIMITED,
  max_pending_requests: UNLIMITED,
  max_requests: UNLIMITED,
  max_retries: UNLIMITED,
};

/** Source: cluster_traffic_policy.go, applyDefaultConnectionPool, with the mesh's default connectTimeout. */
export const CONNECT_TIMEOUT = '10s';

/** Without healthy endpoints there is 503, not a guess. Source: cluster_traffic_policy.go, setDefaultCommonLBConfig. */
export const NO_PANIC = { healthy_panic_threshold: { value: 0 } };

/** Source: pilot/pkg/networking/core/loadbalancer and cluster_traffic_policy.go, applyLoadBalancer. */
export const DEFAULT_LOAD_BALANCER = 'LEAST_REQUEST';

/** Source: pilot/pkg/networking/core/listener_builder.go, buildHTTPConnectionManager; normalisation BASE: mesh/config.go. */
export const HTTP_CONNECTION_MANAGER = {
  stream_idle_timeout: '0s',
  proxy_100_continue: true,
  upgrade_configs: [{ upgrade_type: 'websocket' }],
  normalize_path: true,
  path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
  request_id_extension: {
    typed_config: typed('envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig', {
      use_request_id_for_trace_sampling: true,
    }),
  },
};

/** A sidecar adds its caller to the identities that the request carries. Source: listener_inbound.go, buildSidecarInboundHTTPOpts. */
export const INBOUND_CONNECTION_MANAGER = {
  server_name: 'istio-envoy',
  use_remote_address: false,
  forward_client_cert_details: 'APPEND_FORWARD',
  set_current_client_cert_details: { subject: true, dns: true, uri: true },
};

/** The edge believes nobody's word about addresses and identities. Source: gateway.go, createGatewayHTTPFilterChainOpts. */
export const GATEWAY_CONNECTION_MANAGER = {
  http_protocol_options: {},
  server_name: 'istio-envoy',
  use_remote_address: true,
  forward_client_cert_details: 'SANITIZE_SET',
  set_current_client_cert_details: { subject: true, cert: true, dns: true, uri: true },
};

/**
 * What `connectionSettings.profile: EDGE` gives a gateway, by Envoy's best practices for the edge: slow clients are cut off, and
 * what several programs may read in several ways is settled. Source: connection_settings.go, applyEdgeProfileDefaults.
 */
export const EDGE_CONNECTION_MANAGER = {
  common_http_protocol_options: { idle_timeout: '3600s', headers_with_underscores_action: 'REJECT_REQUEST' },
  stream_idle_timeout: '300s',
  request_timeout: '300s',
  request_headers_timeout: '60s',
  http2_protocol_options: {
    max_concurrent_streams: 100,
    initial_stream_window_size: 65_536,
    initial_connection_window_size: 1_048_576,
  },
  merge_slashes: true,
  path_with_escaped_slashes_action: 'UNESCAPE_AND_REDIRECT',
};

/** Of the same profile. Source: gateway.go, buildGatewayListeners. */
export const EDGE_LISTENER = { per_connection_buffer_limit_bytes: 32_768 };

/** After authorization, in this order: a fault is injected before the router. Source: listener_builder.go and pilot/pkg/xds/filters. */
export const HTTP_FILTERS: EnvoyMessage[] = [
  {
    name: 'envoy.filters.http.grpc_stats',
    typed_config: typed('envoy.extensions.filters.http.grpc_stats.v3.FilterConfig', {
      emit_filter_state: true,
      stats_for_all_methods: false,
    }),
  },
  {
    name: 'envoy.filters.http.fault',
    typed_config: typed('envoy.extensions.filters.http.fault.v3.HTTPFault'),
  },
  { name: 'envoy.filters.http.cors', typed_config: typed('envoy.extensions.filters.http.cors.v3.Cors') },
  {
    name: 'envoy.filters.http.router',
    typed_config: typed('envoy.extensions.filters.http.router.v3.Router'),
  },
];

/** Source: pilot/pkg/security/authn/utils and pilot/pkg/networking/core/cluster_tls.go. */
export const TLS_VERSIONS = {
  tls_minimum_protocol_version: 'TLSv1_2',
  tls_maximum_protocol_version: 'TLSv1_3',
};

/** Source: pilot/pkg/security/authn/utils/utils.go, SupportedCiphers. */
export const INBOUND_CIPHER_SUITES = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
];

/** What only sidecars say in ALPN: PERMISSIVE tells mesh TLS from an application's own by it. Source: pilot/pkg/networking/util. */
export const MESH_ALPN = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

/**
 * Listeners that bind a port of their own. Source: pilot/pkg/networking/core/listener.go, maxConnectionsToAcceptPerSocketEvent.
 * Ports are not shared here, as Envoy would by default: on one machine two proxies must not get the same one unnoticed.
 */
export const LISTENER = { max_connections_to_accept_per_socket_event: 1, enable_reuse_port: false };

/** Source: pilot/pkg/networking/core/listener_inbound.go, with the mesh's default protocolDetectionTimeout. */
export const INBOUND_LISTENER = {
  ...LISTENER,
  listener_filters_timeout: '0s',
  continue_on_listener_filters_timeout: true,
};

/** The answer to a host that is no service under REGISTRY_ONLY. Source: httproute.go, buildCatchAllVirtualHost. */
export const BLOCK_ALL = {
  name: 'block_all',
  domains: ['*'],
  routes: [{ name: 'block_all', match: { prefix: '/' }, direct_response: { status: 502 } }],
  include_request_attempt_count: true,
};
