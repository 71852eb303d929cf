/** The part of Fastify's request that the router sets. */
export interface RoutedRequest {
  routeOptions: { url?: string | undefined };
  params?: unknown;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * Returns a request's path for logs and spans: the route, with only UUIDs in place of parameters. Other client input in
 * a path or query may contain secrets, such as a token.
 *
 * @returns undefined if the request matches no route
 */
export function loggablePath({ routeOptions: { url }, params }: RoutedRequest): string | undefined {
  const given = new Map(Object.entries(params ?? {}));
  return url?.replace(/:(\w+)/g, (placeholder, name) => {
    const value = given.get(name);
    return typeof value === 'string' && UUID.test(value) ? value : placeholder;
  });
}

/**
 * Returns the path of a peer call for spans, without the query. Segments that are neither words nor UUIDs become `*`.
 */
export function loggablePeerPath(path: string): string {
  const [pathname = ''] = path.split('?', 1);
  return pathname
    .split('/')
    .map((segment) => (/^[a-z.-]*$/.test(segment) || UUID.test(segment) ? segment : '*'))
    .join('/');
}
