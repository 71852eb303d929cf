import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { loggablePath } from '@meshmart/telemetry/loggable-path';
import { Ajv, type Options } from 'ajv';
import addFormats from 'ajv-formats';
import fastify, {
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
  type RawServerDefault,
} from 'fastify';
import type { JWTVerifyGetKey } from 'jose';
import { access } from './access.ts';
import { boundedInput } from './bounded-input.ts';
import { respondToClientErrors } from './client-errors.ts';
import { closeIdleConnections } from './close-idle-connections.ts';
import type { ServiceConfig } from './config.ts';
import { deadline } from './deadline.ts';
import { faults } from './faults.ts';
import { health } from './health.ts';
import { metricsPage } from './metrics.ts';
import { accessTags, completeProblems, declareDocs, documentRoute, refuseSlashOfDocs } from './openapi.ts';
import { overload } from './overload.ts';
import { DEADLINE_MS } from './peers.ts';
import {
  commonProblem,
  commonProblems,
  type ProblemKind,
  ProblemSchema,
  respondWithProblem,
} from './problems.ts';
import { strictHttp } from './strict-http.ts';
import { unknownRoutes } from './unknown-routes.ts';

export type App = FastifyInstance<
  RawServerDefault,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  import('fastify').FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface AppOptions {
  /** The service's name, as in topology.yaml. */
  name: string;
  description: string;
  config: ServiceConfig;
  /** What tokens are checked with; a service without `customer` and `admin` routes needs none. */
  userKeys?: JWTVerifyGetKey;
  /** The service's table of problems, from which routes name theirs; without it, the common ones. */
  problems?: Record<string, ProblemKind>;
  /** How long a handler may take, in milliseconds; a peer's caller waits 3 s, unless the service says otherwise. */
  handlerTimeoutMs?: number;
  logger?: FastifyServerOptions['logger'];
}

/** A sidecar keeps idle connections for an hour (Envoy's default); the server must never be the first to close one. */
const KEEP_ALIVE_MS = 65 * 60_000;
const BODY_LIMIT_BYTES = 64 * 1024;
/** How long a client may take for the headers of a request, and for all of it. What is too slow is found within the interval. */
const ARRIVAL = { headersTimeout: 15_000, requestTimeout: 30_000, connectionsCheckingInterval: 1000 };

/** A Fastify app with everything that all services do the same way; a service registers its database and routes on it. */
export async function createApp({
  name,
  description,
  config,
  userKeys,
  problems = commonProblems,
  handlerTimeoutMs = DEADLINE_MS,
  logger,
}: AppOptions): Promise<App> {
  const servedBy = `${name}/${config.SERVICE_VERSION}`;
  const commonHeaders = { 'x-served-by': servedBy, 'x-content-type-options': 'nosniff' };
  const app: App = fastify({
    logger: logger ?? {
      level: config.LOG_LEVEL,
      serializers: { req: describeRequest },
    },
    logController: new LogController({
      disableRequestLogging: ({ url }) => /^\/(health|metrics)\b/.test(url),
    }),
    bodyLimit: BODY_LIMIT_BYTES,
    handlerTimeout: config.HANDLER_TIMEOUT_MS ?? handlerTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: KEEP_ALIVE_MS, // also for a connection that was never used
    http: { ...ARRIVAL, requireHostHeader: false }, // strict-http.ts asks for it
    requestTimeout: ARRIVAL.requestTimeout, // or Fastify would take it back
    clientErrorHandler: respondToClientErrors(commonHeaders),
    // What the router refuses before there is a route, such as a broken escape in a path.
    frameworkErrors: (error, request, reply) =>
      void respondWithProblem(error, request, reply.headers(commonHeaders)),
    return503OnClosing: false, // while draining, what still arrives is answered
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(commonHeaders);
  });
  await app.register(faults, { config });
  await app.register(overload, { config });
  await app.register(deadline);
  await app.register(strictHttp);
  await app.register(unknownRoutes);
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? bodyAjv : textAjv).compile(schema),
  );
  app.setErrorHandler(respondWithProblem);
  app.setNotFoundHandler(() => {
    throw commonProblem('not-found');
  });

  app.addHook('onRoute', declareDocs);
  app.addHook('onRoute', completeProblems);
  await app.register(access, { keys: userKeys });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `Meshmart ${name}`, description, version: '1.0.0' },
      tags: accessTags,
      components: {
        securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    transform: documentRoute(problems),
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, i) => String(json.$id ?? `def-${i}`) },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', uiHooks: { onRequest: refuseSlashOfDocs } });
  await app.register(boundedInput);
  app.addSchema(ProblemSchema);
  app.addHook('onRoute', (route) => {
    if (route.schema?.hide || !route.schema) return;
    const problem = {
      description: 'Problem',
      content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
    };
    route.schema.response = { ...(route.schema.response as object), '4xx': problem, '5xx': problem };
  });
  await app.register(metricsPage);
  await app.register(health);
  await app.register(closeIdleConnections);
  return app;
}

/** What a log says of a request: nothing that only the client knows the meaning of. */
function describeRequest(request: Pick<FastifyRequest, 'method' | 'routeOptions' | 'params'>) {
  return { method: request.method, path: loggablePath(request) };
}

const ajvOptions: Options = { useDefaults: true, removeAdditional: false, allErrors: false, strict: false };
/** A body is JSON and has types of its own; the rest of a request is text, whose types come from the schema. */
const bodyAjv = addFormats.default(new Ajv({ ...ajvOptions, coerceTypes: false }));
const textAjv = addFormats.default(new Ajv({ ...ajvOptions, coerceTypes: 'array' }));
