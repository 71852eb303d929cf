import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ServiceConfig } from './config.ts';
import { listen } from './listen.ts';
import { commonProblem, respondWithProblem } from './problems.ts';

const Rate = Type.Number({ minimum: 0, maximum: 1, default: 0 });

const SicknessSchema = Type.Object(
  {
    errorRate: Rate,
    delayMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 0 }),
    delayRate: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
    dropAfterCommitRate: Rate,
  },
  { additionalProperties: false },
);

/**
 * What is wrong with an instance on purpose; all 0 is well. `errorRate` is the share (0 to 1) of requests that are answered with
 * 503 and do nothing. `dropAfterCommitRate` is the share whose work is done to its end and whose connection is then closed
 * without an answer; where both are more than 1 together, the errors come first. `delayMs` (to 60,000) holds requests back,
 * whatever becomes of them then: the share `delayRate`, which is all of them unless it says otherwise.
 */
export type Sickness = Static<typeof SicknessSchema>;

const WELL: Sickness = { errorRate: 0, delayMs: 0, delayRate: 1, dropAfterCommitRate: 0 };

/**
 * Makes a service sick on purpose: what outlier detection, retries and idempotency are proven against. Probes and metrics are
 * spared, so that nothing but the answers tells. Without `SICKNESS_SOCKET` or `SICKNESS_PORT` there is none of it.
 *
 * @throws an Error when `SICKNESS` is not right, or is set where nobody could end it
 */
export const sickness = fp(async (app: FastifyInstance, { config }: { config: ServiceConfig }) => {
  const { SICKNESS, SICKNESS_SOCKET: path, SICKNESS_PORT: port } = config;
  const address = path ? { path } : port ? { host: '127.0.0.1', port } : undefined;
  if (!address) {
    if (SICKNESS) throw new Error('SICKNESS needs SICKNESS_SOCKET or SICKNESS_PORT');
    return;
  }
  let current = SICKNESS ? readSickness(SICKNESS) : WELL;
  const losingAnswer = new WeakSet<FastifyRequest>();

  delayRequests(app, () => current);
  app.addHook('onRequest', async (request) => {
    if (isProbe(request.routeOptions.url)) return;
    const { errorRate, dropAfterCommitRate } = current;
    const draw = Math.random();
    if (draw < errorRate) throw commonProblem('unavailable', { detail: 'sick on purpose' });
    if (draw < errorRate + dropAfterCommitRate) losingAnswer.add(request);
  });
  // The handler has returned and what it has committed stays, but not a byte has been written yet.
  app.addHook('onSend', async (request) => {
    if (losingAnswer.has(request)) request.raw.socket.destroy();
  });

  const admin = buildAdmin({
    get: () => current,
    set: (sickness) => {
      // Whoever keeps an instance sick says so again and again, since it starts anew well.
      if (!Value.Equal(sickness, current)) app.log.warn({ sickness }, 'sick on purpose, or well again');
      current = sickness;
      return current;
    },
  });
  app.addHook('onReady', () => listen(admin, address));
  app.addHook('onClose', () => admin.close());
});

function isProbe(path: string | undefined): boolean {
  return /^\/(health\/|metrics\/?(\?|$))/.test(path ?? '');
}

/** Delays requests before Fastify sees them, as a slow network does, so that its time limit for handlers begins afterwards. */
function delayRequests({ server }: FastifyInstance, read: () => Sickness): void {
  const handlers = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', async (request, response) => {
    const { delayMs, delayRate } = read();
    if (delayMs > 0 && !isProbe(request.url) && Math.random() < delayRate) await sleep(delayMs);
    for (const handle of handlers) handle.call(server, request, response);
  });
}

/**
 * `GET`, `PUT` (which replaces; what is missing is as in a well one) and `DELETE /sickness`, each answered with the sickness that there is then.
 * It is on a listener of its own, which no proxy knows of.
 */
function buildAdmin({ get, set }: { get(): Sickness; set(sickness: Sickness): Sickness }): FastifyInstance {
  const admin = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });
  admin.setErrorHandler(respondWithProblem);
  admin.setNotFoundHandler(() => {
    throw commonProblem('not-found');
  });
  admin.get('/sickness', async () => get());
  admin.put<{ Body: Sickness }>('/sickness', { schema: { body: SicknessSchema } }, async ({ body }) =>
    set(body),
  );
  admin.delete('/sickness', async () => set(WELL));
  return admin;
}

function readSickness(text: string): Sickness {
  try {
    const sickness = Value.Default(SicknessSchema, JSON.parse(text));
    if (Value.Check(SicknessSchema, sickness)) return sickness;
  } catch {} // not JSON at all
  throw new Error(
    'SICKNESS must be JSON like {"errorRate": 0.3, "delayMs": 200, "dropAfterCommitRate": 0.1}',
  );
}
