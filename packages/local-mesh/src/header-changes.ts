import Type, { type Static } from 'typebox';
import type { EnvoyMessage } from './envoy.ts';
import { closed, recordOf } from './schema.ts';

/** Envoy does not change pseudo headers in this way; for the host Istio has `rewrite`, which is not supported. */
const CHANGEABLE = '^(?!:|[hH][oO][sS][tT]$)';
/** Text, `%%` for a percent sign, and Envoy's variables: `%NAME%` or `%NAME(arguments)%`. */
const VALUE = /^([^%]|%%|%[^%(]+%|%[^%(]*\((\\.|[^)\\])*\) *%)*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those that no header may have
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** Source: istio/istio pkg/config/validation, ValidateHTTPHeaderValue. */
const HeaderValue = Type.Refine(
  Type.String(),
  (value) => VALUE.test(value) && !CONTROL.test(value),
  () =>
    'is no value for a header: a percent sign is written %%, and control characters have no place; correct it',
);
const Changes = recordOf(CHANGEABLE, HeaderValue);

const HeaderOperations = closed({
  set: Type.Optional(Changes),
  add: Type.Optional(Changes),
  remove: Type.Optional(
    Type.Array(
      Type.String({ pattern: CHANGEABLE, errorMessage: 'is not a header that can be changed; remove it' }),
    ),
  ),
});
export const HeaderChanges = closed({
  request: Type.Optional(HeaderOperations),
  response: Type.Optional(HeaderOperations),
});
type HeaderChanges = Static<typeof HeaderChanges>;

/** Header changes of a route, then those of its only destination. Source: route.go, TranslateHeadersOperations. */
export function translateHeaders(...changes: (HeaderChanges | undefined)[]): EnvoyMessage {
  const requests = changes.map((change) => change?.request);
  const responses = changes.map((change) => change?.response);
  const fields = {
    request_headers_to_add: requests.flatMap(headersToAdd),
    request_headers_to_remove: requests.flatMap((change) => change?.remove ?? []),
    response_headers_to_add: responses.flatMap(headersToAdd),
    response_headers_to_remove: responses.flatMap((change) => change?.remove ?? []),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, list]) => list.length > 0));
}

function headersToAdd(change: Static<typeof HeaderOperations> | undefined): EnvoyMessage[] {
  const entries = (headers: Record<string, string> | undefined) =>
    Object.entries(headers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...entries(change?.set).map(([key, value]) => ({
      header: { key, value },
      append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    })),
    ...entries(change?.add).map(([key, value]) => ({
      header: { key, value },
      append_action: 'APPEND_IF_EXISTS_OR_ADD',
    })),
  ];
}
