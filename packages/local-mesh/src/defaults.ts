/*
 * The settings that istiod sends unasked, in one place. packages/conformance compares them with a real istiod's for the
 * standing mesh.
 */
import {
  type Extension,
  type Listener,
  type ProtoDuration,
  type RetryPolicy,
  type RouteAction,
  type RouteConfiguration,
  typed,
  type VirtualHost,
} from './envoy.ts';

/**
 * Replaces Envoy's own timeout of 15 s.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1335
 */
export const NO_TIMEOUT: ProtoDuration = '0s';

const PREVIOUS_HOSTS: Extension = {
  name: 'envoy.retry_host_predicates.previous_hosts',
  typed_config: typed('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
};

/**
 * Applies to routes without `retries`.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/retry/retry.go#L70
 */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  retry_on: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
  num_retries: 2,
  retry_host_predicate: [PREVIOUS_HOSTS],
  host_selection_retry_max_attempts: 5,
};

/**
 * Applies between a callee's sidecar and its service.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1294
 */
export const INBOUND_ROUTE_ACTION: RouteAction = {
  timeout: NO_TIMEOUT,
  retry_policy: { retry_on: 'reset-before-request', num_retries: 2 },
  max_stream_duration: { max_stream_duration: '0s', grpc_timeout_header_max: '0s' },
};

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/httproute.go#L162 */
export const ROUTE_CONFIGURATION: Omit<RouteConfiguration, 'name' | 'virtual_hosts'> = {
  validate_clusters: false,
  ignore_port_in_host_matching: true,
  max_direct_response_body_size_bytes: 1024 * 1024,
};

const UNLIMITED = 4_294_967_295;

/**
 * Lifts Envoy's own limits.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_traffic_policy.go#L470
 */
export const BREAKERS = {
  max_connections: UNLIMITED,
  max_pending_requests: UNLIMITED,
  max_requests: UNLIMITED,
  max_retries: UNLIMITED,
};

/**
 * The default of MeshConfig's `connectTimeout`.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/mesh/mesh.go#L65
 */
export const CONNECT_TIMEOUT: ProtoDuration = '10s';

/**
 * Makes a cluster without healthy endpoints respond 503 instead of trying unhealthy ones.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_traffic_policy.go#L306
 */
export const NO_PANIC = { healthy_panic_threshold: { value: 0 } };

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_traffic_policy.go#L306 */
export const DEFAULT_LOAD_BALANCER = 'LEAST_REQUEST';

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/listener_builder.go#L380 */
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

/**
 * Makes a sidecar append its caller to the identities in the request.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/listener_inbound.go#L816
 */
export const INBOUND_CONNECTION_MANAGER = {
  server_name: 'istio-envoy',
  use_remote_address: false,
  forward_client_cert_details: 'APPEND_FORWARD',
  set_current_client_cert_details: { subject: true, dns: true, uri: true },
};

/**
 * Makes the gateway replace addresses and identities that clients claim.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/gateway.go#L672
 */
export const GATEWAY_CONNECTION_MANAGER = {
  http_protocol_options: {},
  server_name: 'istio-envoy',
  use_remote_address: true,
  forward_client_cert_details: 'SANITIZE_SET',
  set_current_client_cert_details: { subject: true, cert: true, dns: true, uri: true },
};

/**
 * `connectionSettings.profile: EDGE` for a gateway, after Envoy's best practices for the edge: it cuts slow clients
 * off, and refuses or normalises ambiguous requests.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/connection_settings.go#L33
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

/**
 * The EDGE profile's part for listeners.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/gateway.go#L118
 */
export const EDGE_LISTENER: Partial<Listener> = { per_connection_buffer_limit_bytes: 32_768 };

/**
 * The filters after authorization, in order: a fault is injected before the router runs.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/listener_builder.go#L380
 */
export const HTTP_FILTERS: Extension[] = [
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

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authn/utils/utils.go#L40 */
export const TLS_VERSIONS = {
  tls_minimum_protocol_version: 'TLSv1_2',
  tls_maximum_protocol_version: 'TLSv1_3',
};

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authn/utils/utils.go#L30 */
export const INBOUND_CIPHER_SUITES = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
];

/**
 * The ALPN protocols of sidecars. In PERMISSIVE mode they distinguish the mesh's TLS from an application's own.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/listener.go#L97
 */
export const MESH_ALPN = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

/**
 * Applies to listeners that bind a port. Unlike istiod's, they do not share ports: two proxies of one machine must not
 * bind the same port unnoticed.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/listener_builder.go#L99
 */
export const LISTENER = {
  max_connections_to_accept_per_socket_event: 1,
  enable_reuse_port: false,
} satisfies Partial<Listener>;

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/listener_inbound.go#L217 */
export const INBOUND_LISTENER = {
  ...LISTENER,
  listener_filters_timeout: '0s',
  continue_on_listener_filters_timeout: true,
} satisfies Partial<Listener>;

/**
 * The response to a host that is no service, under REGISTRY_ONLY.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/httproute.go#L789
 */
export const BLOCK_ALL: VirtualHost = {
  name: 'block_all',
  domains: ['*'],
  routes: [{ name: 'block_all', match: { prefix: '/' }, direct_response: { status: 502 } }],
  include_request_attempt_count: true,
};
