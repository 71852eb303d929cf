/** What is known of a request once the router has seen it: Fastify's request has it. */
export interface RoutedRequest {
  routeOptions: { url?: string | undefined };
  params?: unknown;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * A request's path as it may be written into logs and spans: its route, in which only ids stand for the parameters. What else a
 * client has put into the path or the query may be anything, a card number or a token by mistake.
 *
 * @returns undefined where there is no such route
 */
export function loggablePath({ routeOptions: { url }, params }: RoutedRequest): string | undefined {
  const given = new Map(Object.entries(params ?? {}));
  return url?.replace(/:(\w+)/g, (placeholder, name) => {
    const value = given.get(name);
    return typeof value === 'string' && UUID.test(value) ? value : placeholder;
  });
}

/** The path of a call to a peer, made up of words and ids: what is neither is left out, and the query with it. */
export function loggablePeerPath(path: string): string {
  const [pathname = ''] = path.split('?', 1);
  return pathname
    .split('/')
    .map((segment) => (/^[a-z.-]*$/.test(segment) || UUID.test(segment) ? segment : '*'))
    .join('/');
}
