import type { FastifyInstance, HTTPMethods } from 'fastify';
import fp from 'fastify-plugin';
import findMyWay from 'find-my-way';
import { commonProblem } from './problems.ts';

/**
 * Refuses requests without a route before their body is read: 405 with the path's methods (RFC 9110, section 15.5.6),
 * or 404 if it has none. Runs after `onRequest`, whose hooks an error page may need.
 */
export const unknownRoutes = fp(async (app: FastifyInstance) => {
  // Fastify's own router does not list the methods of a path.
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
