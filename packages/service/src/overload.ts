import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { ServiceConfig } from './config.ts';
import { commonProblem } from './problems.ts';

/** Refuses requests with 503 and Retry-After while the process is too busy to answer in time; probes and metrics go on. */
export const overload = fp(async (app: FastifyInstance, { config }: { config: ServiceConfig }) => {
  await app.register(underPressure, {
    maxEventLoopDelay: config.MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: async ({ routeOptions }, _reply, _type, delayMs) => {
      // The delay is Infinity when the process, waiting for a core, has taken no sample.
      if (routeOptions.config.access === 'operator' || !Number.isFinite(delayMs)) return;
      throw commonProblem('unavailable', { detail: 'too busy' });
    },
  });
});
