import type { FastifyInstance, HTTPMethods } from 'fastify';
import fp from 'fastify-plugin';
import findMyWay from 'find-my-way';
import { commonProblem } from './problems.ts';

/**
 * Refuses what there is no route for before the body is read: with 405 and the methods that the path has (RFC 9110, section
 * 15.5.6), or with 404 when it has none. Not in `onRequest`, whose hooks a part of the app may still need for its error page.
 */
export const unknownRoutes = fp(async (app: FastifyInstance) => {
  // Fastify's own router does not tell which methods a path has.
  const paths = findMyWay();
  const methods = new Set<HTTPMethods>();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat() as HTTPMethods[]) {
      paths.on(one as findMyWay.HTTPMethod, url, () => {});
      methods.add(one);
    }
  });
  app.addHook('preParsing', async ({ is404, url }, reply) => {
    if (!is404) return;
    const allowed = [...methods].filter((method) => paths.find(method as findMyWay.HTTPMethod, url));
    if (allowed.length === 0) throw commonProblem('not-found');
    reply.header('allow', allowed.join(', '));
    throw commonProblem('method-not-allowed');
  });
});
