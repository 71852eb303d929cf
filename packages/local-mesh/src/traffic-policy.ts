import Type, { type Static } from 'typebox';
import { ConsistentHash, hashingSettings } from './consistent-hash.ts';
import { BREAKERS, CONNECT_TIMEOUT, DEFAULT_LOAD_BALANCER, NO_PANIC } from './defaults.ts';
import { Duration, toProtoDuration } from './duration.ts';
import { type Cluster, typed } from './envoy.ts';
import { failoverLabels, LocalityLbSetting } from './failover.ts';
import { closed } from './schema.ts';

const atLeastOne = { minProperties: 1 };
const Count = Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }));
const Percent = Type.Optional(Type.Integer({ minimum: 0, maximum: 100 }));
const Time = Type.Optional(Duration);

const LoadBalancer = Type.Refine(
  closed(
    {
      simple: Type.Optional(Type.Enum(['UNSPECIFIED', 'LEAST_REQUEST', 'ROUND_ROBIN', 'RANDOM'])),
      consistentHash: Type.Optional(ConsistentHash),
      localityLbSetting: Type.Optional(LocalityLbSetting),
    },
    atLeastOne,
  ),
  ({ simple, consistentHash }) => !(simple && consistentHash),
  () => 'has both simple and consistentHash; keep one',
);

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

const RetryBudget = closed({
  percent: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  budgetInterval: Time,
  minRetryConcurrency: Count,
});

export const TrafficPolicy = closed(
  {
    loadBalancer: Type.Optional(LoadBalancer),
    connectionPool: Type.Optional(ConnectionPool),
    outlierDetection: Type.Optional(OutlierDetection),
    tls: Type.Optional(closed({ mode: Type.Enum(['DISABLE', 'ISTIO_MUTUAL']) })),
    retryBudget: Type.Optional(RetryBudget),
  },
  atLeastOne,
);
export type TrafficPolicy = Static<typeof TrafficPolicy>;

/**
 * Returns a rule's policy, in which each block that the subset has replaces the rule's own.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/model/destination_rule.go#L179
 */
export function mergePolicies(rule: TrafficPolicy, subset: TrafficPolicy = {}): TrafficPolicy {
  return { ...rule, ...subset };
}

/**
 * Translates the choice of a load balancer.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_traffic_policy.go#L306
 */
export function loadBalancerSettings(settings: TrafficPolicy['loadBalancer']): Partial<Cluster> {
  const { simple = 'UNSPECIFIED', consistentHash } = settings ?? {};
  if (consistentHash) return hashingSettings(consistentHash);
  return { lb_policy: simple === 'UNSPECIFIED' ? DEFAULT_LOAD_BALANCER : simple };
}

type ConnectionPoolSettings = Pick<
  Cluster,
  'connect_timeout' | 'circuit_breakers' | 'typed_extension_protocol_options'
>;

/**
 * Translates a connection pool for the caller's cluster and the callee's own one. A limit of 0 means no limit. istiod
 * ignores a retry budget without a connection pool.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_traffic_policy.go#L132
 */
export function connectionPoolSettings({
  connectionPool,
  retryBudget,
}: TrafficPolicy): ConnectionPoolSettings {
  const { tcp = {}, http = {} } = connectionPool ?? {};
  const breakers = {
    max_connections: tcp.maxConnections || BREAKERS.max_connections,
    max_pending_requests: http.http1MaxPendingRequests || BREAKERS.max_pending_requests,
    max_requests: http.http2MaxRequests || BREAKERS.max_requests,
    max_retries: http.maxRetries || BREAKERS.max_retries,
    ...(connectionPool && retryBudget && { retry_budget: translateRetryBudget(retryBudget) }),
  };
  return {
    connect_timeout: tcp.connectTimeout ? toProtoDuration(tcp.connectTimeout) : CONNECT_TIMEOUT,
    circuit_breakers: { thresholds: [breakers] },
    ...httpProtocolOptions(http),
  };
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_traffic_policy.go#L228 */
function translateRetryBudget({
  percent = 20,
  budgetInterval,
  minRetryConcurrency,
}: Static<typeof RetryBudget>) {
  return {
    budget_percent: { value: percent },
    budget_interval: budgetInterval ? toProtoDuration(budgetInterval) : undefined,
    min_retry_concurrency: minRetryConcurrency || 3,
  };
}

const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

function httpProtocolOptions({
  idleTimeout,
  maxRequestsPerConnection,
}: NonNullable<NonNullable<TrafficPolicy['connectionPool']>['http']>): Pick<
  Cluster,
  'typed_extension_protocol_options'
> {
  if (!idleTimeout && !maxRequestsPerConnection) return {};
  const options = typed(HTTP_PROTOCOL_OPTIONS, {
    common_http_protocol_options: {
      idle_timeout: idleTimeout && toProtoDuration(idleTimeout),
      max_requests_per_connection: maxRequestsPerConnection || undefined,
    },
    explicit_http_config: { http_protocol_options: {} },
  });
  return { typed_extension_protocol_options: { [HTTP_PROTOCOL_OPTIONS]: options } };
}

/**
 * Translates outlier detection. Envoy's defaults apply to omitted fields: five consecutive errors, checked every 10 s,
 * eject an instance for 30 s, and at most 10 % of the instances are ejected (none of fewer than ten). Nothing is
 * ejected by statistics. Ejected instances are not used in a panic, unless `minHealthPercent` says so.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_traffic_policy.go#L486
 */
export function outlierSettings(
  policy: TrafficPolicy,
): Pick<Cluster, 'outlier_detection' | 'common_lb_config'> {
  const { outlierDetection: settings } = policy;
  if (!settings) return { common_lb_config: NO_PANIC };
  const { consecutive5xxErrors, consecutiveGatewayErrors, interval, baseEjectionTime } = settings;
  return {
    outlier_detection: {
      enforcing_success_rate: 0,
      consecutive_5xx: consecutive5xxErrors,
      enforcing_consecutive_5xx: enforcing(consecutive5xxErrors),
      consecutive_gateway_failure: consecutiveGatewayErrors,
      enforcing_consecutive_gateway_failure: enforcing(consecutiveGatewayErrors),
      interval: interval ? toProtoDuration(interval) : undefined,
      base_ejection_time: baseEjectionTime ? toProtoDuration(baseEjectionTime) : undefined,
      max_ejection_percent: settings.maxEjectionPercent || undefined,
      ...(settings.splitExternalLocalOriginErrors && localOrigin(settings.consecutiveLocalOriginFailures)),
    },
    common_lb_config: {
      healthy_panic_threshold: { value: settings.minHealthPercent ?? 0 },
      // https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/loadbalancer/loadbalancer.go#L149
      ...(failoverLabels(policy).length > 0 && { locality_weighted_lb_config: {} }),
    },
  };
}

/** Returns a percentage: 0 switches a detector off. */
function enforcing(errors: number | undefined): number | undefined {
  return errors && 100;
}

function localOrigin(failures: number | undefined): Partial<Cluster['outlier_detection']> {
  return {
    split_external_local_origin_errors: true,
    consecutive_local_origin_failure: failures || undefined,
    enforcing_consecutive_local_origin_failure: failures ? 100 : undefined,
    enforcing_local_origin_success_rate: 0,
  };
}
