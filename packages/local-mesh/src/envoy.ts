/*
 * The messages of Envoy's v3 API that the local mesh sends, in their JSON form. Fields have the proto's own names, and
 * only those in use are declared, so that tsc finds a wrong one. The configuration of extensions stays open:
 * packages/conformance compares it with what istiod sends. Source:
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/api
 */

/** A message whose fields are not declared, such as the configuration of an extension. */
export interface EnvoyMessage {
  [field: string]: unknown;
}

/** A resource that Envoy asks for by name: a cluster, a listener, a route configuration or a secret. */
export interface NamedMessage {
  name: string;
}

/** A message with its type URL among its fields. */
export interface Any extends EnvoyMessage {
  '@type': string;
}

/** A filter, a transport socket or another extension with its configuration. */
export interface Extension extends NamedMessage {
  typed_config: Any;
}

/** Returns the `Any` for a message of the given proto type, such as `envoy.extensions.filters.http.cors.v3.Cors`. */
export function typed(type: string, fields: object = {}): Any {
  return { '@type': `type.googleapis.com/${type}`, ...fields };
}

/** A duration in protobuf's JSON form, such as `0.250s`. */
export type ProtoDuration = `${number}s`;

export interface Metadata {
  filter_metadata: Record<string, EnvoyMessage>;
}

export type Address =
  | { pipe: { path: string } }
  | { socket_address: { address: string; port_value: number } };

export interface StringMatcher {
  exact?: string;
  prefix?: string;
  suffix?: string;
  safe_regex?: { regex: string };
}

export interface HeaderMatcher {
  name: string;
  string_match?: StringMatcher;
  present_match?: boolean;
}

/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto */
export interface RouteConfiguration extends NamedMessage {
  virtual_hosts: VirtualHost[];
  validate_clusters: boolean;
  ignore_port_in_host_matching: boolean;
  max_direct_response_body_size_bytes: number;
}

/**
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto
 */
export interface VirtualHost extends NamedMessage {
  domains: string[];
  routes: Route[];
  include_request_attempt_count?: boolean;
}

export interface Route extends HeaderMutations {
  name?: string | undefined;
  match: RouteMatch;
  route?: RouteAction | undefined;
  redirect?: RedirectAction;
  direct_response?: { status: number };
  metadata?: Metadata;
  decorator?: { operation: string };
  typed_per_filter_config?: Record<string, Any> | undefined;
}

export interface RouteMatch {
  path?: string;
  prefix?: string;
  safe_regex?: { regex: string };
  case_sensitive?: boolean;
  headers?: HeaderMatcher[] | undefined;
}

export interface RouteAction {
  cluster?: string | undefined;
  weighted_clusters?: { clusters: ClusterWeight[] } | undefined;
  timeout: ProtoDuration;
  retry_policy?: RetryPolicy | undefined;
  hash_policy?: HashPolicy[];
  max_grpc_timeout?: ProtoDuration;
  prefix_rewrite?: string | undefined;
  request_mirror_policies?: MirrorPolicy[] | undefined;
  max_stream_duration?: { max_stream_duration: ProtoDuration; grpc_timeout_header_max: ProtoDuration };
}

/** The part of a request by which a consistent hash chooses an instance. */
export type HashPolicy =
  | { header: { header_name: string } }
  | { cookie: { name: string; path?: string; ttl?: ProtoDuration } }
  | { connection_properties: { source_ip: boolean } }
  | { query_parameter: { name: string } };

export interface MirrorPolicy {
  cluster: string;
  runtime_fraction: { default_value: { numerator: number; denominator: string } };
  trace_sampled: boolean;
  disable_shadow_host_suffix_append: boolean;
}

export interface RedirectAction {
  host_redirect?: string | undefined;
  path_redirect: string;
  scheme_redirect?: string | undefined;
  response_code: string | undefined;
}

export interface ClusterWeight extends NamedMessage, HeaderMutations {
  weight: number;
}

export interface RetryPolicy {
  retry_on: string;
  num_retries: number;
  per_try_timeout?: ProtoDuration | undefined;
  retriable_status_codes?: number[] | undefined;
  retry_host_predicate?: Extension[];
  host_selection_retry_max_attempts?: number;
}

export interface HeaderMutations {
  request_headers_to_add?: HeaderValueOption[];
  request_headers_to_remove?: string[];
  response_headers_to_add?: HeaderValueOption[];
  response_headers_to_remove?: string[];
}

export interface HeaderValueOption {
  header: { key: string; value: string };
  append_action: 'APPEND_IF_EXISTS_OR_ADD' | 'OVERWRITE_IF_EXISTS_OR_ADD';
}

/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto */
export interface Cluster extends NamedMessage {
  alt_stat_name: string;
  type: 'STATIC';
  load_assignment: ClusterLoadAssignment;
  connect_timeout: ProtoDuration;
  circuit_breakers: { thresholds: CircuitBreakerThresholds[] };
  typed_extension_protocol_options?: Record<string, Any>;
  lb_policy?: 'LEAST_REQUEST' | 'ROUND_ROBIN' | 'RANDOM' | 'RING_HASH' | 'MAGLEV';
  /** Numbers of 64 bits are strings in protobuf's JSON. */
  ring_hash_lb_config?: { minimum_ring_size: string };
  maglev_lb_config?: { table_size: string };
  common_lb_config?: { healthy_panic_threshold: { value: number }; locality_weighted_lb_config?: object };
  outlier_detection?: OutlierDetection;
  transport_socket?: Extension;
  transport_socket_matches?: TransportSocketMatch[];
  metadata: Metadata;
}

interface RetryBudget {
  budget_percent: { value: number };
  budget_interval?: ProtoDuration | undefined;
  min_retry_concurrency: number;
}

interface CircuitBreakerThresholds {
  max_connections: number;
  max_pending_requests: number;
  max_requests: number;
  max_retries: number;
  retry_budget?: RetryBudget;
}

/** The `enforcing_…` fields are percentages. */
export interface OutlierDetection {
  consecutive_5xx?: number | undefined;
  enforcing_consecutive_5xx?: number | undefined;
  consecutive_gateway_failure?: number | undefined;
  enforcing_consecutive_gateway_failure?: number | undefined;
  consecutive_local_origin_failure?: number | undefined;
  enforcing_consecutive_local_origin_failure?: number | undefined;
  enforcing_local_origin_success_rate?: number | undefined;
  enforcing_success_rate: number;
  split_external_local_origin_errors?: boolean;
  interval?: ProtoDuration | undefined;
  base_ejection_time?: ProtoDuration | undefined;
  max_ejection_percent?: number | undefined;
}

export interface TransportSocketMatch extends NamedMessage {
  match: Record<string, string>;
  transport_socket: Extension;
}

/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint.proto */
export interface ClusterLoadAssignment {
  cluster_name: string;
  endpoints: LocalityEndpoints[];
}

interface LocalityEndpoints {
  locality?: object;
  /** 0 is the highest. */
  priority?: number;
  lb_endpoints: LbEndpoint[];
  load_balancing_weight?: number;
}

export interface LbEndpoint {
  endpoint: { address: Address };
  health_status?: 'HEALTHY' | 'UNHEALTHY';
  metadata?: Metadata;
  load_balancing_weight?: number;
}

/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto */
export interface Listener extends NamedMessage {
  address: Address;
  filter_chains: FilterChain[];
  listener_filters?: Extension[];
  listener_filters_timeout?: ProtoDuration;
  continue_on_listener_filters_timeout?: boolean;
  traffic_direction: 'INBOUND' | 'OUTBOUND';
  max_connections_to_accept_per_socket_event?: number;
  enable_reuse_port?: boolean;
  per_connection_buffer_limit_bytes?: number;
}

export interface FilterChain {
  name?: string;
  filter_chain_match?: { transport_protocol: 'tls' | 'raw_buffer'; application_protocols?: string[] };
  filters: Extension[];
  transport_socket?: Extension;
  transport_socket_connect_timeout?: ProtoDuration;
}
