import type { Attributes, Span } from '@opentelemetry/api';
import { loggablePath, loggablePeerPath, type RoutedRequest } from './loggable-path.ts';

/*
 * The instrumentation notes down what a client has sent. Anything may be in it, a card number in a query for one, so it does not
 * stay in a span: the route, the ids and the status tell what happened.
 */

const OF_A_CALL = ['url.full', 'url.path', 'url.query', 'user_agent.original'];
const OF_THE_CLIENT = [
  ...OF_A_CALL,
  'client.address',
  'http.request.method_original',
  'server.address', // the Host header
];

/** For the span of a request that a service got. The framework's span within it knows the route and its ids. */
export function redactClientInput(span: Span): void {
  forget(span, OF_THE_CLIENT);
}

/** For the framework's span. */
export function recordRoute(span: Span, request: RoutedRequest): void {
  redactClientInput(span);
  const path = loggablePath(request);
  if (path !== undefined) span.setAttribute('url.path', path);
}

/** For the span of a call to a peer, whose name is ours, but into whose path and query a client's words go on. */
export function redactPeerCall(span: Span, { origin, path }: { origin: string; path: string }): void {
  forget(span, OF_A_CALL);
  span.setAttribute('url.full', origin + loggablePeerPath(path));
}

function forget(span: Span, names: string[]): void {
  if (!span.isRecording()) return;
  // The SDK's span, which has no function for it.
  const { attributes } = span as Span & { attributes: Attributes };
  for (const name of names) delete attributes[name];
}
