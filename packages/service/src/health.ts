import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Type } from 'typebox';
import { commonProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Adds a check that must not reject for the service to be ready. */
    addReadinessCheck(check: () => Promise<unknown>): void;
    /** Makes readiness fail from now on. Requests are still served. */
    failReadiness(): void;
  }
}

const Ok = { 200: Type.Object({ status: Type.Literal('ok') }) };

/** Adds the probes: liveness, which always succeeds, and readiness, which runs the checks and fails while draining. */
export const health = fp(async (app: FastifyInstance) => {
  const checks: (() => Promise<unknown>)[] = [];
  let draining = false;
  app.decorate('addReadinessCheck', (check) => void checks.push(check));
  app.decorate('failReadiness', () => {
    draining = true;
  });
  // A keep-alive connection would keep the process alive after the server has closed.
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
