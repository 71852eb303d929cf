import Type, { type Static } from 'typebox';
import { type EnvoyMessage, type Extension, typed } from './envoy.ts';
import { outboundCluster, SERVICE_PORT } from './hosts.ts';
import { selects, WorkloadSelector } from './labels.ts';
import { withOrigin } from './origins.ts';
import type { Resource } from './resource.ts';
import { closed } from './schema.ts';

const JwksUri = Type.String({
  pattern: `^http://[^/:?#]+(:${SERVICE_PORT})?/`,
  errorMessage: `must be the full name of a service of the mesh, such as http://user.meshmart.svc.cluster.local/keys; use it, or run it with --on cluster`,
});

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L1664 */
const JwtRule = Type.Refine(
  closed({
    issuer: Type.Optional(Type.String({ minLength: 1 })),
    audiences: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    jwksUri: Type.Optional(JwksUri),
    jwks: Type.Optional(Type.String({ minLength: 1 })),
    forwardOriginalToken: Type.Optional(Type.Boolean()),
  }),
  ({ jwksUri, jwks }) => (jwksUri === undefined) !== (jwks === undefined),
  () => 'needs either jwksUri or jwks; add or remove one',
);
type JwtRule = Static<typeof JwtRule>;

export const RequestAuthenticationSpec = closed({
  selector: Type.Optional(WorkloadSelector),
  jwtRules: Type.Optional(Type.Array(JwtRule)),
});
export type RequestAuthenticationSpec = Static<typeof RequestAuthenticationSpec>;

export const JWT_FILTER = 'envoy.filters.http.jwt_authn';
/** The key of a valid token's claims in the metadata of the filter. */
export const JWT_PAYLOAD = 'payload';

/**
 * Returns the filter that refuses requests with an invalid token. A request without one passes.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authn/policy_applier.go#L142
 *
 * @param isGateway lets routes depend on claims, as gateways do
 */
export function requestAuthenticationFilters(
  policies: Resource<RequestAuthenticationSpec>[],
  labels: Record<string, string>,
  isGateway: boolean,
): Extension[] {
  const rules = policies
    .filter(({ spec }) => selects(spec.selector, labels))
    .flatMap((policy) =>
      (policy.spec.jwtRules ?? []).map((rule, index) => ({
        issuer: rule.issuer ?? '',
        provider: withOrigin(providerOf(rule, isGateway), policy, `spec.jwtRules[${index}]`),
      })),
    )
    .sort((a, b) => (a.issuer < b.issuer ? -1 : 1));
  if (rules.length === 0) return [];
  const providers = rules.map(({ provider }, index) => [`origins-${index}`, provider] as const);
  const config = typed('envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
    providers: Object.fromEntries(providers),
    rules: [{ match: { prefix: '/' }, requires: requirement(providers.map(([name]) => name)) }],
    bypass_cors_preflight: true,
  });
  return [{ name: JWT_FILTER, typed_config: config }];
}

function providerOf(
  { issuer, audiences, forwardOriginalToken, jwksUri, jwks }: JwtRule,
  isGateway: boolean,
): EnvoyMessage {
  return {
    ...(issuer && { issuer }),
    ...(audiences?.length && { audiences }),
    ...(forwardOriginalToken && { forward: true }),
    payload_in_metadata: JWT_PAYLOAD,
    normalize_payload_in_metadata: { space_delimited_claims: ['permission', 'scope'] },
    ...(isGateway && { clear_route_cache: true }),
    ...(jwksUri ? { remote_jwks: remoteKeys(jwksUri) } : { local_jwks: { inline_string: jwks } }),
  };
}

/** Returns the source of keys that the proxy itself fetches, as with PILOT_JWT_ENABLE_REMOTE_JWKS=envoy. */
function remoteKeys(uri: string): EnvoyMessage {
  const { hostname } = new URL(uri);
  return { http_uri: { uri, cluster: outboundCluster(hostname), timeout: '5s' }, cache_duration: '300s' };
}

/** A token is optional, and must be valid for one of the providers. */
function requirement(names: string[]): EnvoyMessage {
  const byProvider = names.map((provider_name) => ({ provider_name }));
  const orMissing = byProvider.map((provider) => anyOf([provider, { allow_missing: {} }]));
  const [only, ...more] = orMissing;
  if (only && more.length === 0) return only;
  return anyOf([...byProvider, { requires_all: { requirements: orMissing } }]);
}

function anyOf(requirements: EnvoyMessage[]): EnvoyMessage {
  return { requires_any: { requirements } };
}
