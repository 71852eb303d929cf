import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ServiceConfig } from './config.ts';
import { listen } from './listen.ts';
import { commonProblem, respondWithProblem } from './problems.ts';

const Rate = Type.Number({ minimum: 0, maximum: 1, default: 0 });

const FaultsSchema = Type.Object(
  {
    errorRate: Rate,
    delayMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 0 }),
    delayRate: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
    dropAfterCommitRate: Rate,
  },
  { additionalProperties: false },
);

/**
 * The faults of an instance; all rates 0 means none. `errorRate` is the share (0 to 1) of requests that do no work and
 * return 503. `dropAfterCommitRate` is the share whose connection is closed after their work has been committed,
 * without a response; when both exceed 1 together, errors take precedence. `delayMs` (at most 60,000) delays the share
 * `delayRate` of all requests.
 */
export type Faults = Static<typeof FaultsSchema>;

const NO_FAULTS: Faults = { errorRate: 0, delayMs: 0, delayRate: 1, dropAfterCommitRate: 0 };

/**
 * Injects faults into a service, to prove outlier detection, retries and idempotency. Probes and metrics are not
 * affected. Without `FAULTS_SOCKET` or `FAULTS_PORT` nothing is installed.
 *
 * @throws an Error when `FAULTS` is invalid, or is set without either of these variables
 */
export const faults = fp(async (app: FastifyInstance, { config }: { config: ServiceConfig }) => {
  const { FAULTS, FAULTS_SOCKET: path, FAULTS_PORT: port } = config;
  const address = path ? { path } : port ? { host: '127.0.0.1', port } : undefined;
  if (!address) {
    if (FAULTS) throw new Error('FAULTS needs FAULTS_SOCKET or FAULTS_PORT');
    return;
  }
  let current = FAULTS ? readFaults(FAULTS) : NO_FAULTS;
  const dropped = new WeakSet<FastifyRequest>();

  delayRequests(app, () => current);
  app.addHook('onRequest', async (request) => {
    if (isProbe(request.routeOptions.url)) return;
    const { errorRate, dropAfterCommitRate } = current;
    const draw = Math.random();
    if (draw < errorRate) throw commonProblem('unavailable', { detail: 'injected fault' });
    if (draw < errorRate + dropAfterCommitRate) dropped.add(request);
  });
  // The handler has committed its work, and no byte of the response has been written.
  app.addHook('onSend', async (request) => {
    if (dropped.has(request)) request.raw.socket.destroy();
  });

  const admin = buildAdmin({
    get: () => current,
    set: (faults) => {
      // An experiment sets the same faults again and again, because a restart clears them.
      if (!Value.Equal(faults, current)) app.log.warn({ faults }, 'the faults have changed');
      current = faults;
      return current;
    },
  });
  app.addHook('onReady', () => listen(admin, address));
  app.addHook('onClose', () => admin.close());
});

function isProbe(path: string | undefined): boolean {
  return /^\/(health\/|metrics\/?(\?|$))/.test(path ?? '');
}

/**
 * Delays requests before Fastify sees them, as a slow network does, so that its time limit for handlers begins
 * afterwards.
 */
function delayRequests({ server }: FastifyInstance, read: () => Faults): void {
  const handlers = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', async (request, response) => {
    const { delayMs, delayRate } = read();
    if (delayMs > 0 && !isProbe(request.url) && Math.random() < delayRate) await sleep(delayMs);
    for (const handle of handlers) handle.call(server, request, response);
  });
}

/**
 * Serves `GET`, `PUT` (clears omitted faults) and `DELETE /faults`. Each returns the faults that are then in force. The
 * listener is separate, and no proxy knows it.
 */
function buildAdmin({ get, set }: { get(): Faults; set(faults: Faults): Faults }): FastifyInstance {
  const admin = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });
  admin.setErrorHandler(respondWithProblem);
  admin.setNotFoundHandler(() => {
    throw commonProblem('not-found');
  });
  admin.get('/faults', async () => get());
  admin.put<{ Body: Faults }>('/faults', { schema: { body: FaultsSchema } }, async ({ body }) => set(body));
  admin.delete('/faults', async () => set(NO_FAULTS));
  return admin;
}

function readFaults(text: string): Faults {
  try {
    const faults = Value.Default(FaultsSchema, JSON.parse(text));
    if (Value.Check(FaultsSchema, faults)) return faults;
  } catch {} // not JSON at all
  throw new Error('FAULTS must be JSON like {"errorRate": 0.3, "delayMs": 200, "dropAfterCommitRate": 0.1}');
}
