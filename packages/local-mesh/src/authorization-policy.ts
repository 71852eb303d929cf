import Type, { type Static } from 'typebox';
import { type EnvoyMessage, type Extension, type StringMatcher, typed } from './envoy.ts';
import { selects, WorkloadSelector } from './labels.ts';
import { withOrigin } from './origins.ts';
import type { Resource } from './resource.ts';
import { closed } from './schema.ts';

/** An exact value, `prefix*`, `*suffix` or `*`. */
const Pattern = Type.String({
  pattern: '^(\\*|\\*?[^*{}]+|[^*{}]+\\*)$',
  errorMessage: 'must be a value, prefix*, *suffix or *; use one of them, or run it with --on cluster',
});
const Patterns = Type.Array(Pattern, { minItems: 1 });

const Rule = closed({
  from: Type.Optional(
    Type.Array(closed({ source: closed({ principals: Patterns }) }), {
      minItems: 1,
    }),
  ),
  to: Type.Optional(
    Type.Array(
      closed({
        operation: closed(
          { methods: Type.Optional(Patterns), paths: Type.Optional(Patterns) },
          { minProperties: 1 },
        ),
      }),
      { minItems: 1 },
    ),
  ),
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
 * Matches when one of the operations and one of the sources match.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authz/model/model.go#L182
 */
function translateRule(rule: Rule): EnvoyMessage {
  const permissions = (rule.to ?? []).map(({ operation }) => [
    ...oneOf('or_rules', 'rules', operation.methods?.map(matchMethod)),
    ...oneOf(
      'or_rules',
      'rules',
      operation.paths?.map((path) => ({ url_path: { path: matchString(path) } })),
    ),
  ]);
  const principals = (rule.from ?? []).map(({ source }) =>
    oneOf('or_ids', 'ids', source.principals.map(matchPrincipal)),
  );
  return {
    permissions: orAny(permissions).map((rules) => ({ and_rules: { rules } })),
    principals: orAny(principals).map((ids) => ({ and_ids: { ids } })),
  };
}

function oneOf(key: string, list: string, choices: EnvoyMessage[] | undefined): EnvoyMessage[] {
  return choices ? [{ [key]: { [list]: choices } }] : [];
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
