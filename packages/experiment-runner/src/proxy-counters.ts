/**
 * Matches Envoy's counter of the requests that a proxy sent to a service of the store, by Istio's name for the cluster.
 *
 * @param subset counts the requests to this subset only
 */
export function outboundRequests(service: string, subset = ''): RegExp {
  return outbound(service, subset, 'upstream_rq_total');
}

/** Matches the requests of a proxy to a service that the route's `timeout` ended. */
export function outboundTimeouts(service: string, subset = ''): RegExp {
  return outbound(service, subset, 'upstream_rq_timeout');
}

/** Matches the tries of a proxy at a service that `perTryTimeout` ended. */
export function outboundTryTimeouts(service: string, subset = ''): RegExp {
  return outbound(service, subset, 'upstream_rq_per_try_timeout');
}

/** Matches the retries that a proxy sent to a service. */
export function outboundRetries(service: string, subset = ''): RegExp {
  return outbound(service, subset, 'upstream_rq_retry');
}

/** Matches the requests whose route leads to a cluster that the proxy does not know. */
export const withoutCluster = /^http\..*\.no_cluster$/;

/** Matches the calls that a service cut before its sidecar had a response. */
export const callsCutByService = /^http\.outbound_.*\.downstream_cx_destroy_remote_active_rq$/;

/** Matches the requests that a proxy refused itself, because a circuit breaker to this service was open. */
export function outboundOverflows(service: string): RegExp {
  return outbound(service, '', 'upstream_rq_(pending|active)_overflow');
}

/** Matches the TLS handshakes of a proxy with a service. @param subset counts those with this subset only */
export function handshakes(service: string, subset = ''): RegExp {
  return outbound(service, subset, String.raw`ssl\.handshake`);
}

/** Matches a counter of the outlier detection for a service, for example `ejections_enforced_total`. */
export function outlierDetection(service: string, counter: string): RegExp {
  return outbound(service, '', String.raw`outlier_detection\.${counter}`);
}

/** Matches the requests that a sidecar refused before its own service, because a circuit breaker was open. */
export const inboundOverflows = /^cluster\.inbound\|.*\.upstream_rq_(pending|active)_overflow$/;

/** Matches the requests that a sidecar received for its service and answered. */
export const inboundRequests = /^http\.inbound_.*\.downstream_rq_completed$/;

/** Matches the requests that a sidecar answered with 5xx, by its service's fault or its own. */
export const inboundFailures = /^http\.inbound_.*\.downstream_rq_5xx$/;

/** Matches the requests during which the service closed the connection to its sidecar. */
export const inboundLostResponses = /^cluster\.inbound\|.*\.upstream_cx_destroy_remote_with_active_rq$/;

/** Matches the requests that the gateway's clients sent, and it answered. */
export const gatewayRequests = /^http\.outbound_.*\.downstream_rq_completed$/;

/** Matches the requests that the gateway answered with 5xx, by a service's fault or its own. */
export const gatewayFailures = /^http\.outbound_.*\.downstream_rq_5xx$/;

/** Matches the requests that AuthorizationPolicies denied: at a sidecar to its service, at the gateway to any. */
export const requestsDenied = /^http\.(in|out)bound_.*\.rbac\.denied$/;

/** Matches the retries that a proxy sent, to any service. */
export const retries = /\.upstream_rq_retry$/;

/** Matches the requests that a fault filter answered with an error. */
export const abortsInjected = /\.fault\.aborts_injected$/;

/** Matches the requests that a fault filter delayed. */
export const delaysInjected = /\.fault\.delays_injected$/;

/** Matches the connections that no filter chain of a listener accepts, such as plaintext under STRICT mutual TLS. */
export const connectionsRefused = /^listener\..*\.no_filter_chain_match$/;

/** In statistics the name of a cluster ends with `;`: istiod and the local mesh set it so (`alt_stat_name`). */
function outbound(service: string, subset: string, counter: string): RegExp {
  const cluster = String.raw`cluster\.outbound\|80\|${subset}\|${service}\.meshmart\.svc\.cluster\.local;`;
  return new RegExp(String.raw`^${cluster}\.${counter}$`);
}
