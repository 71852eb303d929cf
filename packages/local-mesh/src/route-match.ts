import Type, { type Static } from 'typebox';
import type { EnvoyMessage } from './envoy.ts';
import { closed } from './schema.ts';

const stringMatch = {
  exact: Type.Optional(Type.String()),
  prefix: Type.Optional(Type.String()),
  regex: Type.Optional(Type.String()),
};
const StringMatch = closed(stringMatch, { minProperties: 1, maxProperties: 1 });
/** `{}` means that the header is present, whatever its value. */
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

/** When a route applies; without a match, always. Source: route.go, TranslateRouteMatch. */
export function translateMatch(match: RouteMatch | undefined): EnvoyMessage {
  if (!match) return { prefix: '/' };
  const headers = Object.entries(match.headers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const matchers = [
    ...headers.map(([name, value]) => matchHeader(name, value)),
    ...(match.method ? [matchHeader(':method', match.method)] : []),
  ];
  return {
    ...translatePath(match.uri),
    case_sensitive: true,
    ...(matchers.length > 0 && { headers: matchers }),
  };
}

/** `prefix` is Envoy's plain one: `/products` takes `/productsx` too. */
function translatePath(uri: Static<typeof StringMatch> | undefined): EnvoyMessage {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex !== undefined) return { safe_regex: { regex: uri.regex } };
  return { prefix: uri?.prefix ?? '/' };
}

function matchHeader(name: string, { exact, prefix, regex }: Static<typeof HeaderMatch>): EnvoyMessage {
  if (exact !== undefined) return { name, string_match: { exact } };
  if (prefix !== undefined) return { name, string_match: { prefix } };
  if (regex !== undefined && regex !== '*') return { name, string_match: { safe_regex: { regex } } };
  return { name, present_match: true };
}

/** The path as traces name it. Source: route.go, GetRouteOperation. */
export function describePath(match: RouteMatch | undefined): string {
  const uri = match?.uri;
  return uri?.exact ?? uri?.regex ?? `${uri?.prefix ?? '/'}*`;
}
