import Type, { type Static } from 'typebox';
import type { RedirectAction } from './envoy.ts';
import { closed } from './schema.ts';

const RESPONSE_CODES: Record<number, string> = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L2698 */
export const Redirect = Type.Refine(
  closed({
    uri: Type.Optional(Type.String()),
    authority: Type.Optional(Type.String()),
    scheme: Type.Optional(Type.Enum(['http', 'https'])),
    redirectCode: Type.Optional(Type.Enum(Object.keys(RESPONSE_CODES).map(Number))),
  }),
  ({ uri, authority, scheme }) => Boolean(uri || authority || scheme),
  () => 'must have at least one of uri, authority, scheme; correct it',
);

/**
 * Translates a redirect. Istio's default code is 301.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L779
 */
export function translateRedirect({
  uri = '',
  authority,
  scheme,
  redirectCode = 301,
}: Static<typeof Redirect>): RedirectAction {
  return {
    host_redirect: authority,
    path_redirect: uri,
    scheme_redirect: scheme,
    response_code: RESPONSE_CODES[redirectCode],
  };
}
