import Type, { type Static } from 'typebox';
import type { RouteMatch as EnvoyRouteMatch, HeaderMatcher } from './envoy.ts';
import { closed } from './schema.ts';

const stringMatch = {
  exact: Type.Optional(Type.String()),
  prefix: Type.Optional(Type.String()),
  regex: Type.Optional(Type.String()),
};
const StringMatch = closed(stringMatch, { minProperties: 1, maxProperties: 1 });
export type StringMatch = Static<typeof StringMatch>;

/** `{}` matches a header that is present, whatever its value. */
const HeaderMatch = closed(stringMatch, { maxProperties: 1 });

/** A name that starts with @ stands for a claim of a token. */
const HeaderMatches = Type.Record(Type.String({ pattern: '^[^@]+$' }), HeaderMatch, {
  additionalProperties: false,
});

export const RouteMatch = closed({
  name: Type.Optional(Type.String()),
  uri: Type.Optional(StringMatch),
  method: Type.Optional(StringMatch),
  headers: Type.Optional(HeaderMatches),
});
export type RouteMatch = Static<typeof RouteMatch>;

/**
 * Translates the condition of a route; without one, the route applies to every request.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1058
 */
export function translateMatch(match: RouteMatch | undefined): EnvoyRouteMatch {
  if (!match) return { prefix: '/' };
  const names = Object.keys(match.headers ?? {}).sort();
  const headers = names.map((name) => matchHeader(name, match.headers?.[name] ?? {}));
  if (match.method) headers.push(matchHeader(':method', match.method));
  return {
    ...translatePath(match.uri),
    case_sensitive: true,
    headers: headers.length > 0 ? headers : undefined,
  };
}

/** Istio's `prefix` is Envoy's: `/products` takes `/productsx` too. */
function translatePath(uri: StringMatch | undefined): EnvoyRouteMatch {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex !== undefined) return { safe_regex: { regex: uri.regex } };
  return { prefix: uri?.prefix ?? '/' };
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1203 */
function matchHeader(name: string, { exact, prefix, regex }: StringMatch): HeaderMatcher {
  if (exact !== undefined) return { name, string_match: { exact } };
  if (prefix !== undefined) return { name, string_match: { prefix } };
  if (regex !== undefined && regex !== '*') return { name, string_match: { safe_regex: { regex } } };
  return { name, present_match: true };
}

/**
 * Returns the path as traces name it.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1267
 */
export function describePath(match: RouteMatch | undefined): string {
  const uri = match?.uri;
  return uri?.exact ?? uri?.regex ?? `${uri?.prefix ?? '/'}*`;
}
