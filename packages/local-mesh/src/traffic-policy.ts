import Type, { type Static } from 'typebox';
import { BREAKERS, CONNECT_TIMEOUT, DEFAULT_LOAD_BALANCER, NO_PANIC } from './defaults.ts';
import { Duration, toProtoDuration } from './duration.ts';
import { type EnvoyMessage, typed } from './envoy.ts';
import { closed } from './schema.ts';

const atLeastOne = { minProperties: 1 };
const Count = Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }));
const Percent = Type.Optional(Type.Integer({ minimum: 0, maximum: 100 }));
const Time = Type.Optional(Duration);

const LoadBalancer = closed({ simple: Type.Enum(['UNSPECIFIED', 'LEAST_REQUEST', 'ROUND_ROBIN', 'RANDOM']) });

const ConnectionPool = closed(
  {
    tcp: Type.Optional(closed({ maxConnections: Count, connectTimeout: Time })),
    http: Type.Optional(
      closed({
        http1MaxPendingRequests: Count,
        http2MaxRequests: Count,
        maxRequestsPerConnection: Count,
        maxRetries: Count,
        idleTimeout: Time,
      }),
    ),
  },
  atLeastOne,
);

const OutlierDetection = closed({
  splitExternalLocalOriginErrors: Type.Optional(Type.Boolean()),
  consecutiveLocalOriginFailures: Count,
  consecutiveGatewayErrors: Count,
  consecutive5xxErrors: Count,
  interval: Time,
  baseEjectionTime: Time,
  maxEjectionPercent: Percent,
  minHealthPercent: Percent,
});

export const TrafficPolicy = closed(
  {
    loadBalancer: Type.Optional(LoadBalancer),
    connectionPool: Type.Optional(ConnectionPool),
    outlierDetection: Type.Optional(OutlierDetection),
  },
  atLeastOne,
);
export type TrafficPolicy = Static<typeof TrafficPolicy>;

/** A block that the subset has takes the place of the rule's whole block. Source: pilot/pkg/model/destination_rule.go, MergeTrafficPolicy. */
export function mergePolicies(rule: TrafficPolicy, subset: TrafficPolicy = {}): TrafficPolicy {
  return { ...rule, ...subset };
}

/** Source: cluster_traffic_policy.go, applyLoadBalancer. */
export function loadBalancerSettings(settings: TrafficPolicy['loadBalancer']): EnvoyMessage {
  const { simple = 'UNSPECIFIED' } = settings ?? {};
  return { lb_policy: simple === 'UNSPECIFIED' ? DEFAULT_LOAD_BALANCER : simple };
}

/** Of a caller's and of the callee's own cluster; 0 is as good as nothing. Source: cluster_traffic_policy.go, applyConnectionPool. */
export function connectionPoolSettings(settings: TrafficPolicy['connectionPool']): EnvoyMessage {
  const { tcp = {}, http = {} } = settings ?? {};
  const breakers = {
    max_connections: tcp.maxConnections || BREAKERS.max_connections,
    max_pending_requests: http.http1MaxPendingRequests || BREAKERS.max_pending_requests,
    max_requests: http.http2MaxRequests || BREAKERS.max_requests,
    max_retries: http.maxRetries || BREAKERS.max_retries,
  };
  return {
    connect_timeout: tcp.connectTimeout ? toProtoDuration(tcp.connectTimeout) : CONNECT_TIMEOUT,
    circuit_breakers: { thresholds: [breakers] },
    ...httpProtocolOptions(http),
  };
}

const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Source: cluster_traffic_policy.go, applyConnectionPool, and cluster_builder.go, build. */
function httpProtocolOptions({
  idleTimeout,
  maxRequestsPerConnection,
}: NonNullable<NonNullable<TrafficPolicy['connectionPool']>['http']>): EnvoyMessage {
  if (!idleTimeout && !maxRequestsPerConnection) return {};
  const options = typed(HTTP_PROTOCOL_OPTIONS, {
    common_http_protocol_options: {
      ...(idleTimeout && { idle_timeout: toProtoDuration(idleTimeout) }),
      ...(maxRequestsPerConnection && { max_requests_per_connection: maxRequestsPerConnection }),
    },
    explicit_http_config: { http_protocol_options: {} },
  });
  return { typed_extension_protocol_options: { [HTTP_PROTOCOL_OPTIONS]: options } };
}

/**
 * Who fails too often in a row gets nothing for a while. What is not said is Envoy's own: five errors, every 10 s, for 30 s, and
 * at most 10 % of the instances, so of fewer than ten none. Nothing is ejected by statistics, and those ejected are not used
 * again for want of others, unless `minHealthPercent` says so. Source: cluster_traffic_policy.go, applyOutlierDetection.
 */
export function outlierSettings(settings: TrafficPolicy['outlierDetection']): EnvoyMessage {
  if (!settings) return { common_lb_config: NO_PANIC };
  const { consecutive5xxErrors, consecutiveGatewayErrors, interval, baseEjectionTime } = settings;
  return {
    outlier_detection: {
      enforcing_success_rate: 0,
      ...(consecutive5xxErrors !== undefined && {
        consecutive_5xx: consecutive5xxErrors,
        enforcing_consecutive_5xx: enforcing(consecutive5xxErrors),
      }),
      ...(consecutiveGatewayErrors !== undefined && {
        consecutive_gateway_failure: consecutiveGatewayErrors,
        enforcing_consecutive_gateway_failure: enforcing(consecutiveGatewayErrors),
      }),
      ...(interval && { interval: toProtoDuration(interval) }),
      ...(baseEjectionTime && { base_ejection_time: toProtoDuration(baseEjectionTime) }),
      ...(settings.maxEjectionPercent && { max_ejection_percent: settings.maxEjectionPercent }),
      ...(settings.splitExternalLocalOriginErrors && localOrigin(settings.consecutiveLocalOriginFailures)),
    },
    common_lb_config: { healthy_panic_threshold: { value: settings.minHealthPercent ?? 0 } },
  };
}

/** A percentage: all or none. */
function enforcing(errors: number): number {
  return errors > 0 ? 100 : 0;
}

function localOrigin(failures: number | undefined): EnvoyMessage {
  return {
    split_external_local_origin_errors: true,
    ...(failures && {
      consecutive_local_origin_failure: failures,
      enforcing_consecutive_local_origin_failure: 100,
    }),
    enforcing_local_origin_success_rate: 0,
  };
}
