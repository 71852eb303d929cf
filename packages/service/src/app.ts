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
  /** Keys to verify access tokens with. Only `customer` and `admin` routes need them. */
  userKeys?: JWTVerifyGetKey;
  /** The service's table of problems. Default: the common ones. */
  problems?: Record<string, ProblemKind>;
  /** The time limit of a handler, in milliseconds. Default: 3000, the deadline of a peer call. */
  handlerTimeoutMs?: number;
  logger?: FastifyServerOptions['logger'];
}

/**
 * Longer than a sidecar keeps idle connections (Envoy's default is an hour), so that the server never closes one first.
 */
const KEEP_ALIVE_MS = 65 * 60_000;
const BODY_LIMIT_BYTES = 64 * 1024;
/** Time limits in milliseconds for a request's headers and for the whole request, checked once a second. */
const ARRIVAL = { headersTimeout: 15_000, requestTimeout: 30_000, connectionsCheckingInterval: 1000 };

/** Creates a Fastify app with all that services share. A service then registers its database and its routes. */
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
    connectionTimeout: KEEP_ALIVE_MS, // for connections that were never used
    http: { ...ARRIVAL, requireHostHeader: false }, // strict-http.ts checks the Host header
    requestTimeout: ARRIVAL.requestTimeout, // otherwise Fastify resets it
    clientErrorHandler: respondToClientErrors(commonHeaders),
    // Errors of the router, such as a broken escape in a path.
    frameworkErrors: (error, request, reply) =>
      void respondWithProblem(error, request, reply.headers(commonHeaders)),
    return503OnClosing: false, // requests that arrive while draining are served
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

/** Returns the loggable part of a request, which contains no client input. */
function describeRequest(request: Pick<FastifyRequest, 'method' | 'routeOptions' | 'params'>) {
  return { method: request.method, path: loggablePath(request) };
}

const ajvOptions: Options = { useDefaults: true, removeAdditional: false, allErrors: false, strict: false };
/** Query, path and headers are text and are coerced to the schema's types; a JSON body is not. */
const bodyAjv = addFormats.default(new Ajv({ ...ajvOptions, coerceTypes: false }));
const textAjv = addFormats.default(new Ajv({ ...ajvOptions, coerceTypes: 'array' }));
