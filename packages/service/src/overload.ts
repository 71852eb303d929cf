import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { ServiceConfig } from './config.ts';
import { commonProblem } from './problems.ts';

/** Refuses requests with 503 and Retry-After while the event loop is too slow. Probes and metrics are not affected. */
export const overload = fp(async (app: FastifyInstance, { config }: { config: ServiceConfig }) => {
  await app.register(underPressure, {
    maxEventLoopDelay: config.MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: async ({ routeOptions }, _reply, _type, delayMs) => {
      // The delay is Infinity if there is no sample, because the process waited for a core.
      if (routeOptions.config.access === 'operator' || !Number.isFinite(delayMs)) return;
      throw commonProblem('unavailable', { detail: 'too busy' });
    },
  });
});
