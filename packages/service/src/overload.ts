import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { commonProblem } from './problems.ts';

/** The mean delay of the event loop over a second beyond which callers would not get their responses in time. */
const MAX_EVENT_LOOP_DELAY_MS = 1000;

/** Refuses requests with 503 and Retry-After while the process is too busy to answer in time; probes and metrics go on. */
export const overload = fp(async (app: FastifyInstance) => {
  await app.register(underPressure, {
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: async ({ routeOptions }, _reply, _type, delayMs) => {
      // The delay is Infinity when the process, waiting for a core, has taken no sample.
      if (routeOptions.config.access === 'operator' || !Number.isFinite(delayMs)) return;
      throw commonProblem('unavailable', { detail: 'too busy' });
    },
  });
});
