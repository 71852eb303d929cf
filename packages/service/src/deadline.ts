import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { commonProblem } from './problems.ts';

/** Header with the milliseconds that a caller will still wait. Each hop forwards the rest. */
export const DEADLINE_HEADER = 'x-meshmart-deadline-ms';

interface Caller {
  /** When the caller stops waiting, by `performance.now()`. */
  waitsUntil: number;
  /** Aborted when the caller has disconnected or has got its response, even if the handler still runs. */
  signal: AbortSignal;
}

const caller = new AsyncLocalStorage<Caller | undefined>();

/**
 * Remembers for each request how long its caller waits, so that peer calls end earlier. Refuses a request whose caller
 * has given up before the handler starts.
 */
export const deadline = fp(async (app: FastifyInstance) => {
  app.addHook('onRequest', (request, reply, done) => {
    const waitsUntil = performance.now() + readWait(request.headers[DEADLINE_HEADER]);
    // Fastify 5.12's own `request.signal` is aborted as soon as a body has been read.
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    caller.run({ waitsUntil, signal: gone.signal }, done);
  });
  app.addHook('preHandler', async () => {
    if (remainingMs() <= 0) throw commonProblem('unavailable', { detail: 'the caller no longer waits' });
  });
});

function readWait(header: string | string[] | undefined): number {
  return typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : Number.POSITIVE_INFINITY;
}

/** Returns how many milliseconds the caller of the current request still waits; Infinity outside of a request. */
export function remainingMs(): number {
  const waitsUntil = caller.getStore()?.waitsUntil;
  return waitsUntil === undefined ? Number.POSITIVE_INFINITY : waitsUntil - performance.now();
}

/** Returns the signal that is aborted when the caller of the current request is gone. */
export function callerSignal(): AbortSignal | undefined {
  return caller.getStore()?.signal;
}

/** Runs work that must finish even if the caller of the current request is gone. */
export function withoutCaller<T>(work: () => T): T {
  return caller.run(undefined, work);
}
