import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Type } from 'typebox';
import { commonProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Adds something that must work before the service takes traffic; it throws when it does not. */
    addReadinessCheck(check: () => Promise<unknown>): void;
    /** From now on the service says that it is not ready, while it still answers. */
    failReadiness(): void;
  }
}

const Ok = { 200: Type.Object({ status: Type.Literal('ok') }) };

/** Liveness, which depends on nothing, and readiness, which depends on the checks and fails while draining. */
export const health = fp(async (app: FastifyInstance) => {
  const checks: (() => Promise<unknown>)[] = [];
  let draining = false;
  app.decorate('addReadinessCheck', (check) => void checks.push(check));
  app.decorate('failReadiness', () => {
    draining = true;
  });
  // A connection that is busy when the server closes would stay open afterwards, and keep the process alive with it.
  app.addHook('onSend', async (_request, reply) => {
    if (draining) reply.header('connection', 'close');
  });

  const config = { access: 'operator' as const };
  app.get('/health/live', { config, schema: { hide: true, response: Ok } }, async () => ({
    status: 'ok' as const,
  }));
  app.get('/health/ready', { config, schema: { hide: true, response: Ok } }, async () => {
    if (draining) throw commonProblem('unavailable', { detail: 'draining' });
    await Promise.all(checks.map((check) => check())).catch((cause) => {
      throw commonProblem('unavailable', { detail: 'not ready', cause });
    });
    return { status: 'ok' as const };
  });
});
