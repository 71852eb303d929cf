import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyRequest, FastifySchema, RouteOptions } from 'fastify';
import type { TObject } from 'typebox';
import type { Access } from './access.ts';
import { commonProblem, PROBLEM_TYPE_PREFIX, type ProblemKind } from './problems.ts';

const RESPONSE_HEADERS = {
  etag: 'Weak: differs when the body does. For `If-None-Match`.',
  'cache-control': 'Whether the response may be kept, and for how long.',
  location: 'The path of the resource.',
  'retry-after': 'Seconds to wait before the next request.',
  'idempotency-replayed': 'Is `true` when this is the stored response to an earlier request.',
  'x-served-by': 'Name and version of the service: `product/v2`.',
};
type ResponseHeader = keyof typeof RESPONSE_HEADERS;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Names of the problems of this route, besides those that `completeProblems` adds. */
    problems?: readonly string[];
    /** Headers of its successful responses. */
    responseHeaders?: readonly ResponseHeader[];
  }
}

/** The tags of the OpenAPI documents: the callers of a route. */
export const accessTags: { name: Access; description: string }[] = [
  { name: 'anonymous', description: 'Needs no access token.' },
  { name: 'customer', description: "Needs a user's access token, and sees only what is theirs." },
  { name: 'admin', description: 'Needs the access token of an administrator.' },
  { name: 'service', description: 'For peers inside the mesh. The gateway has no route to it.' },
];

/** Adds the problems that follow from a documented route's method and access to its `config.problems`. */
export function completeProblems(route: RouteOptions): void {
  if (!route.schema || route.schema.hide) return;
  const { access, problems = [] } = route.config ?? {};
  const takesBody = [route.method].flat().some((method) => !['GET', 'HEAD'].includes(method));
  const common: (keyof typeof commonProblem.kinds)[] = [
    'invalid-request',
    'internal',
    'unavailable',
    ...(takesBody ? (['payload-too-large', 'unsupported-media-type'] as const) : []),
    ...(access === 'customer' || access === 'admin' ? (['unauthenticated'] as const) : []),
    ...(access === 'admin' ? (['forbidden'] as const) : []),
  ];
  route.config = { ...route.config, problems: [...new Set([...common, ...problems])] };
}

/**
 * Returns the transform from a route's schema to its schema in the OpenAPI document, which adds required headers, the
 * callers, response headers and a response for each problem.
 *
 * @throws an Error if a route names a problem that `kinds` lacks
 */
export function documentRoute(kinds: Record<string, ProblemKind>) {
  return <T extends { url: string; route: RouteOptions }>({
    schema,
    url,
    route,
  }: T & { schema: FastifySchema }) => {
    const { access, problems, responseHeaders = [] } = route.config ?? {};
    if (!problems) return { schema, url };
    const { '4xx': _, '5xx': __, ...successful } = schema.response as Record<string, object>;
    const headers = describeHeaders(responseHeaders);
    const response = {
      ...Object.fromEntries(
        Object.entries(successful).map(([status, its]) => [
          status,
          { ...its, headers, 'x-response-description': STATUS_CODES[status] },
        ]),
      ),
      ...describeProblems(problems, kinds),
    };
    return { schema: { ...requireHeaders(schema), tags: [access], response } as FastifySchema, url };
  };
}

/**
 * Marks a route's headers as required, except If-None-Match. The validator treats them as optional, because each
 * missing header has a problem of its own.
 */
function requireHeaders(schema: FastifySchema): FastifySchema {
  const headers = schema.headers as TObject | undefined;
  if (!headers) return schema;
  const required = Object.keys(headers.properties).filter((name) => name !== 'if-none-match');
  return { ...schema, headers: { ...headers, required } };
}

function describeHeaders(names: readonly ResponseHeader[]) {
  const entries = [...names, 'x-served-by' as const].map((name) => [
    name,
    { type: name === 'retry-after' ? 'integer' : 'string', description: RESPONSE_HEADERS[name] },
  ]);
  return Object.fromEntries(entries);
}

function describeProblems(names: readonly string[], kinds: Record<string, ProblemKind>) {
  const known = names.map((name) => {
    const kind = kinds[name];
    if (!kind) throw new Error(`there is no problem ${name}`);
    return { name, ...kind };
  });
  const byStatus = Map.groupBy(known, ({ status }) => status);
  return Object.fromEntries(
    [...byStatus].map(([status, its]) => {
      const type = { type: 'string', enum: its.map(({ name }) => PROBLEM_TYPE_PREFIX + name) };
      const schema = { allOf: [{ $ref: 'Problem#' }, { type: 'object', properties: { type } }] };
      return [
        status,
        {
          description: its.map(({ title }) => title).join('; '),
          headers: describeHeaders([409, 429, 503].includes(status) ? ['retry-after'] : []),
          content: { 'application/problem+json': { schema } },
        },
      ];
    }),
  );
}

/** Declares the callers of the documentation pages, because their plugin does not declare any. */
export function declareDocs(route: RouteOptions): void {
  if (/^\/docs(\/|$)/.test(route.url)) route.config = { ...route.config, access: 'operator' };
}

/** Refuses `/docs/`, which Fastify adds to `/docs`: an authorization policy for one would not cover the other. */
export async function refuseSlashOfDocs({ url }: FastifyRequest): Promise<void> {
  if (/^\/docs\/(\?|$)/.test(url)) throw commonProblem('not-found');
}

/** Prints a service's OpenAPI document for `openapi.json`. */
export async function printOpenApi(app: FastifyInstance): Promise<void> {
  process.stdout.write(await renderOpenApi(app));
}

/** Returns a service's OpenAPI document as text, and closes the app. */
export async function renderOpenApi(app: FastifyInstance): Promise<string> {
  await app.ready();
  const document = JSON.stringify(app.swagger(), null, 2);
  await app.close();
  return `${document}\n`;
}
