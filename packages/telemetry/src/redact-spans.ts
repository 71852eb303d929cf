import type { Attributes, Span } from '@opentelemetry/api';
import { loggablePath, loggablePeerPath, type RoutedRequest } from './loggable-path.ts';

/*
 * The instrumentation records client input, which may contain secrets, such as a card number in a query. These hooks
 * remove it from spans and keep the route, the ids and the status.
 */

const CALL_ATTRIBUTES = ['url.full', 'url.path', 'url.query', 'user_agent.original'];
const CLIENT_ATTRIBUTES = [
  ...CALL_ATTRIBUTES,
  'client.address',
  'http.request.method_original',
  'server.address', // the Host header
];

/** Redacts the server span of a request. The framework's span inside it records the route. */
export function redactClientInput(span: Span): void {
  removeAttributes(span, CLIENT_ATTRIBUTES);
}

/** Redacts the framework's span, and records the route with its ids as `url.path`. */
export function recordRoute(span: Span, request: RoutedRequest): void {
  redactClientInput(span);
  const path = loggablePath(request);
  if (path !== undefined) span.setAttribute('url.path', path);
}

/** Redacts the span of a call to a peer: its path and query may contain client input. */
export function redactPeerCall(span: Span, { origin, path }: { origin: string; path: string }): void {
  removeAttributes(span, CALL_ATTRIBUTES);
  span.setAttribute('url.full', origin + loggablePeerPath(path));
}

function removeAttributes(span: Span, names: string[]): void {
  if (!span.isRecording()) return;
  // The API cannot remove attributes.
  const { attributes } = span as Span & { attributes: Attributes };
  for (const name of names) delete attributes[name];
}
