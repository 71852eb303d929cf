import type { AuthorizationPolicySpec } from './authorization-policy.ts';
import type { DestinationRuleSpec } from './destination-rule-spec.ts';
import type { EnvoyFilterSpec } from './envoy-filter.ts';
import type { GatewaySpec } from './gateway-spec.ts';
import type { PeerAuthenticationSpec } from './peer-authentication.ts';
import type { RequestAuthenticationSpec } from './request-authentication.ts';
import type { Resource } from './resource.ts';
import type { VirtualServiceSpec } from './virtual-service.ts';

/**
 * Validated Istio resources by kind, the oldest first: the older of two policies for the same workloads is in force.
 * Resources of an overlay are younger than those beneath. Resources read together are ordered by name, as Istio orders
 * those that were created within one second.
 */
export interface ResourceSet {
  gateways: Resource<GatewaySpec>[];
  virtualServices: Resource<VirtualServiceSpec>[];
  destinationRules: Resource<DestinationRuleSpec>[];
  peerAuthentications: Resource<PeerAuthenticationSpec>[];
  requestAuthentications: Resource<RequestAuthenticationSpec>[];
  authorizationPolicies: Resource<AuthorizationPolicySpec>[];
  envoyFilters: Resource<EnvoyFilterSpec>[];
}
