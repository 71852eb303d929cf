import Type, { type Static } from 'typebox';
import { type EnvoyMessage, type Extension, type StringMatcher, typed } from './envoy.ts';
import { selects, WorkloadSelector } from './labels.ts';
import { withOrigin } from './origins.ts';
import { JWT_FILTER, JWT_PAYLOAD } from './request-authentication.ts';
import type { Resource } from './resource.ts';
import { closed } from './schema.ts';

/** An exact value, `prefix*`, `*suffix` or `*`. */
const Pattern = Type.String({
  pattern: '^(\\*|\\*?[^*{}]+|[^*{}]+\\*)$',
  errorMessage: 'must be a value, prefix*, *suffix or *; use one of them, or run it with --on cluster',
});
const Patterns = Type.Array(Pattern, { minItems: 1 });

const atLeastOne = { minProperties: 1 };

const Source = closed(
  {
    principals: Type.Optional(Patterns),
    notPrincipals: Type.Optional(Patterns),
    requestPrincipals: Type.Optional(Patterns),
    notRequestPrincipals: Type.Optional(Patterns),
  },
  atLeastOne,
);

const Operation = closed(
  {
    methods: Type.Optional(Patterns),
    notMethods: Type.Optional(Patterns),
    paths: Type.Optional(Patterns),
    notPaths: Type.Optional(Patterns),
  },
  atLeastOne,
);

const Claim = Type.String({
  pattern: String.raw`^request\.auth\.claims(\[[^[\]]+\])+$`,
  errorMessage: 'must be request.auth.claims[NAME]; use that, or run it with --on cluster',
});

const Condition = Type.Refine(
  closed({ key: Claim, values: Type.Optional(Patterns), notValues: Type.Optional(Patterns) }),
  ({ values, notValues }) => Boolean(values ?? notValues),
  () => 'needs values or notValues; add them',
);

const Rule = closed({
  from: Type.Optional(Type.Array(closed({ source: Source }), { minItems: 1 })),
  to: Type.Optional(Type.Array(closed({ operation: Operation }), { minItems: 1 })),
  when: Type.Optional(Type.Array(Condition, { minItems: 1 })),
});

export const AuthorizationPolicySpec = closed({
  selector: Type.Optional(WorkloadSelector),
  action: Type.Optional(Type.Enum(['ALLOW', 'DENY'])),
  rules: Type.Optional(Type.Array(Rule)),
});
export type AuthorizationPolicySpec = Static<typeof AuthorizationPolicySpec>;
type Rule = Static<typeof Rule>;
type Policy = Resource<AuthorizationPolicySpec>;

/**
 * Returns the RBAC filters of a workload. DENY policies are evaluated before ALLOW policies; once an ALLOW policy
 * selects the workload, requests that no policy allows are denied.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authz/builder/builder.go#L112
 *
 * @param workload its namespace and its labels
 */
export function authorizationFilters(
  policies: Policy[],
  workload: { namespace: string; labels: Record<string, string> },
): Extension[] {
  const binding = policies.filter(({ spec }) => selects(spec.selector, workload.labels));
  const denying = binding.filter(({ spec }) => spec.action === 'DENY');
  const allowing = binding.filter(({ spec }) => spec.action !== 'DENY');
  return [
    ...(denying.length > 0 ? [rbacFilter('DENY', denying, workload.namespace)] : []),
    ...(allowing.length > 0 ? [rbacFilter('ALLOW', allowing, workload.namespace)] : []),
  ];
}

function rbacFilter(action: 'ALLOW' | 'DENY', policies: Policy[], namespace: string): Extension {
  const rules = policies.flatMap((policy) =>
    // A policy without rules matches nothing. With ALLOW it denies everything that no other policy allows.
    (policy.spec.rules?.length ? policy.spec.rules.map(translateRule) : [NEVER]).map((rule, index) => [
      `ns[${namespace}]-policy[${policy.name}]-rule[${index}]`,
      withOrigin({ ...rule }, policy, `spec.rules[${index}]`),
    ]),
  );
  return {
    name: 'envoy.filters.http.rbac',
    typed_config: typed('envoy.extensions.filters.http.rbac.v3.RBAC', {
      rules: { action, policies: Object.fromEntries(rules) },
      shadow_rules_stat_prefix: 'istio_dry_run_allow_',
    }),
  };
}

const NEVER = { permissions: [{ not_rule: { any: true } }], principals: [{ not_id: { any: true } }] };
const ANY = { any: true };

/**
 * Matches when one of the operations, one of the sources and all conditions match.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authz/model/model.go#L182
 */
function translateRule(rule: Rule): EnvoyMessage {
  const permissions = (rule.to ?? []).map(({ operation }) => [
    ...oneRule(operation.methods, matchMethod),
    ...oneRule(operation.notMethods, matchMethod).map((not_rule) => ({ not_rule })),
    ...oneRule(operation.paths, matchPath),
    ...oneRule(operation.notPaths, matchPath).map((not_rule) => ({ not_rule })),
  ]);
  const conditions = (rule.when ?? []).flatMap(({ key, values, notValues }) => [
    ...(values ? [matchClaim(key, values)] : []),
    ...(notValues ? [{ not_id: matchClaim(key, notValues) }] : []),
  ]);
  const sources = (rule.from ?? []).map(({ source }) => [
    ...oneId(source.principals),
    ...oneId(source.notPrincipals).map((not_id) => ({ not_id })),
    ...requestId(source.requestPrincipals),
    ...requestId(source.notRequestPrincipals).map((not_id) => ({ not_id })),
    ...conditions,
  ]);
  const principals = sources.length > 0 || conditions.length === 0 ? sources : [conditions];
  return {
    permissions: orAny(permissions).map((rules) => ({ and_rules: { rules } })),
    principals: orAny(principals).map((ids) => ({ and_ids: { ids } })),
  };
}

function oneRule(patterns: string[] | undefined, match: (pattern: string) => EnvoyMessage): EnvoyMessage[] {
  return patterns ? [{ or_rules: { rules: patterns.map(match) } }] : [];
}

function oneId(principals: string[] | undefined): EnvoyMessage[] {
  return principals ? [{ or_ids: { ids: principals.map(matchPrincipal) } }] : [];
}

function requestId(principals: string[] | undefined): EnvoyMessage[] {
  const [only, ...more] = (principals ?? []).map(matchRequestPrincipal);
  if (!only) return [];
  return more.length === 0 ? [only] : [{ or_ids: { ids: [only, ...more] } }];
}

function orAny(alternatives: EnvoyMessage[][]): EnvoyMessage[][] {
  return alternatives.length > 0 ? alternatives : [[ANY]];
}

function matchMethod(method: string): EnvoyMessage {
  const header = { name: ':method' };
  return {
    header:
      method === '*' ? { ...header, present_match: true } : { ...header, string_match: matchString(method) },
  };
}

function matchPath(path: string): EnvoyMessage {
  return { url_path: { path: matchString(path) } };
}

/**
 * Matches the token's issuer and subject, as `issuer/subject`. An issuer may contain slashes.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authz/model/generator.go#L268
 */
function matchRequestPrincipal(principal: string): EnvoyMessage {
  const slash = principal.lastIndexOf('/');
  const [issuer, subject] =
    slash < 0 ? withoutSlash(principal) : [principal.slice(0, slash), principal.slice(slash + 1)];
  const claims = Object.entries({ iss: issuer, sub: subject });
  return {
    and_ids: {
      ids: claims.map(([claim, value]) => claimMetadata([claim], { string_match: matchString(value) })),
    },
  };
}

/** Splits a pattern without a slash: `*suffix` is about the subject, anything else about the issuer. */
function withoutSlash(principal: string): [issuer: string, subject: string] {
  if (principal === '*' || principal.endsWith('*')) return [principal, '*'];
  return principal.startsWith('*') ? ['*', principal] : [principal, ''];
}

/**
 * Matches a claim that is one of the values, or a list with one of them.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authz/matcher/metadata.go#L57
 */
function matchClaim(key: string, values: string[]): EnvoyMessage {
  const claims = [...key.matchAll(/\[([^[\]]+)\]/g)].map(([, claim = '']) => claim);
  const [only, ...more] = values.map((value): EnvoyMessage => ({ string_match: matchString(value) }));
  const value = more.length === 0 ? only : { or_match: { value_matchers: [only, ...more] } };
  return claimMetadata(claims, { or_match: { value_matchers: [{ list_match: { one_of: value } }, value] } });
}

function claimMetadata(claims: string[], value: EnvoyMessage): EnvoyMessage {
  return { metadata: { filter: JWT_FILTER, path: [JWT_PAYLOAD, ...claims].map((key) => ({ key })), value } };
}

function matchPrincipal(principal: string): EnvoyMessage {
  const suffix = principal.slice(1);
  const name =
    principal !== '*' && principal.startsWith('*')
      ? { safe_regex: { regex: `spiffe://.*${escapeRegex(suffix)}` } }
      : matchString(principal, 'spiffe://');
  return { authenticated: { principal_name: name } };
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authz/matcher/string.go#L100 */
function matchString(pattern: string, scheme = ''): StringMatcher {
  if (pattern === '*') return { safe_regex: { regex: '.+' } };
  if (pattern.startsWith('*')) return { suffix: pattern.slice(1) };
  if (pattern.endsWith('*')) return { prefix: scheme + pattern.slice(0, -1) };
  return { exact: scheme + pattern };
}

/** Escapes what Go's regexp.QuoteMeta escapes. */
function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
