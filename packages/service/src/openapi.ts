import type { FastifyRequest, FastifySchema, RouteOptions } from 'fastify';
import type { TObject } from 'typebox';
import type { App } from './app.ts';
import { commonProblem } from './problems.ts';

/**
 * A header that a route declares is one that it cannot do without, and the document says so. Only the validator takes it for
 * optional, because a missing one has a problem type of its own, which the route answers with.
 */
export function requireHeaders<T extends { url: string }>({ schema, url }: T & { schema: FastifySchema }) {
  const headers = schema?.headers as TObject | undefined;
  if (!headers) return { schema, url };
  return { schema: { ...schema, headers: { ...headers, required: Object.keys(headers.properties) } }, url };
}

/** Says who may call the pages of the documentation, whose plugin knows nothing of it. */
export function declareDocs(route: RouteOptions): void {
  if (/^\/docs(\/|$)/.test(route.url)) route.config = { ...route.config, access: 'operator' };
}

/** Refuses `/docs/`, which Fastify adds to the plugin's `/docs` on its own: a policy for the one would not cover the other. */
export async function refuseSlashOfDocs({ url }: FastifyRequest): Promise<void> {
  if (/^\/docs\/(\?|$)/.test(url)) throw commonProblem('not-found');
}

/** Prints a service's OpenAPI document, as it is committed in `openapi.json`. */
export async function printOpenApi(app: App): Promise<void> {
  process.stdout.write(await renderOpenApi(app));
}

/** The document as text, so that the committed file can be compared with it to the letter. */
export async function renderOpenApi(app: App): Promise<string> {
  await app.ready();
  const document = JSON.stringify(app.swagger(), null, 2);
  await app.close();
  return `${document}\n`;
}
