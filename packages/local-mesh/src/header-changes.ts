import Type, { type Static } from 'typebox';
import type { HeaderMutations, HeaderValueOption } from './envoy.ts';
import { closed, recordOf } from './schema.ts';

/** Envoy refuses pseudo headers here, and Istio changes the host by `rewrite.authority`, which is not supported. */
const CHANGEABLE = '^(?!:|[hH][oO][sS][tT]$)';
/** Text with `%%` for a percent sign, and Envoy's variables: `%NAME%` or `%NAME(arguments)%`. */
const VALUE = /^([^%]|%%|%[^%(]+%|%[^%(]*\((\\.|[^)\\])*\) *%)*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: no header may contain these
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L349 */
const HeaderValue = Type.Refine(
  Type.String(),
  (value) => VALUE.test(value) && !CONTROL.test(value),
  () => 'is no header value: write %% for a percent sign, and remove control characters',
);
const Changes = recordOf(CHANGEABLE, HeaderValue);

const HeaderOperations = closed({
  set: Type.Optional(Changes),
  add: Type.Optional(Changes),
  remove: Type.Optional(
    Type.Array(
      Type.String({
        pattern: CHANGEABLE,
        errorMessage: 'is a header that cannot be changed here; remove it',
      }),
    ),
  ),
});
export const HeaderChanges = closed({
  request: Type.Optional(HeaderOperations),
  response: Type.Optional(HeaderOperations),
});
type HeaderChanges = Static<typeof HeaderChanges>;

/**
 * Translates header changes, in the order in which Envoy applies them. Lists that would be empty are left out.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1031
 */
export function translateHeaders(...changes: (HeaderChanges | undefined)[]): HeaderMutations {
  const requests = changes.map((change) => change?.request);
  const responses = changes.map((change) => change?.response);
  const fields: HeaderMutations = {
    request_headers_to_add: requests.flatMap(headersToAdd),
    request_headers_to_remove: requests.flatMap((change) => change?.remove ?? []),
    response_headers_to_add: responses.flatMap(headersToAdd),
    response_headers_to_remove: responses.flatMap((change) => change?.remove ?? []),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, list]) => list.length > 0));
}

function headersToAdd(change: Static<typeof HeaderOperations> | undefined): HeaderValueOption[] {
  const entries = (headers: Record<string, string> = {}) =>
    Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
  const options = (
    headers: Record<string, string> | undefined,
    append_action: HeaderValueOption['append_action'],
  ) => entries(headers).map(([key, value]) => ({ header: { key, value }, append_action }));
  return [
    ...options(change?.set, 'OVERWRITE_IF_EXISTS_OR_ADD'),
    ...options(change?.add, 'APPEND_IF_EXISTS_OR_ADD'),
  ];
}
