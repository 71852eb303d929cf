import { isDatabaseUnavailable } from '@meshmart/database/unavailable';
import { trace } from '@opentelemetry/api';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

export const PROBLEM_TYPE_PREFIX = 'urn:meshmart:problem:';

/** A kind of problem. Its key in the table is the end of its `type`. */
export interface ProblemKind {
  status: number;
  title: string;
  /** Default for the Retry-After header, in seconds. */
  retryAfterS?: number;
}

/** The problems of every service. A service adds its own with `defineProblems`. */
export const commonProblems = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'A valid access token is needed' },
  forbidden: { status: 403, title: 'You are not allowed to do this' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'method-not-allowed': { status: 405, title: 'The resource does not support this method' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'payload-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The request body must be application/json' },
  'headers-too-large': { status: 431, title: 'The headers of the request are too large' },
  internal: { status: 500, title: 'Something went wrong' },
  unavailable: { status: 503, title: 'The service is temporarily unavailable', retryAfterS: 2 },
} satisfies Record<string, ProblemKind>;

interface ProblemDetails {
  detail?: string;
  errors?: { pointer: string; detail: string }[];
  /** The Retry-After header, in seconds. */
  retryAfterS?: number;
  cause?: unknown;
}

/** An error that becomes the response, as `application/problem+json` (RFC 9457), wherever a request throws it. */
export class Problem extends Error {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly errors: { pointer: string; detail: string }[] | undefined;
  readonly retryAfterS: number | undefined;

  constructor(name: string, kind: ProblemKind, details: ProblemDetails = {}) {
    const { status, title } = kind;
    const { detail, errors, retryAfterS = kind.retryAfterS, cause } = details;
    super(detail ?? title, { cause });
    this.type = PROBLEM_TYPE_PREFIX + name;
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
  }
}

/**
 * Defines a service's table of problems: the common ones and its own.
 *
 * @returns a function that creates a problem by its name; its property `kinds` is the table
 */
export function defineProblems<const T extends Record<string, ProblemKind>>(own: T) {
  const kinds = { ...commonProblems, ...own };
  const make = (name: keyof typeof kinds & string, details?: ProblemDetails) =>
    new Problem(name, kinds[name] as ProblemKind, details);
  return Object.assign(make, { kinds });
}

export const commonProblem = defineProblems({});

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'The kind of problem, for clients to branch on.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(Type.String({ description: 'The path of the request, if it could be read.' })),
    traceId: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
  },
  { $id: 'Problem', title: 'Problem' },
);

/** Responds to an error: Fastify's error handler. Logs a 5xx once, and never includes its cause in the response. */
export function respondWithProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = error instanceof Problem ? error : translateError(error, request);
  if (problem.status >= 500) request.log.error({ err: error }, problem.title);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.retryAfterS !== undefined) reply.header('retry-after', problem.retryAfterS);
  const { type, title, status, detail, errors } = problem;
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  const instance = request.url.split('?', 1)[0];
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type, title, status, detail, instance, traceId, errors });
}

function translateError(error: FastifyError, request: FastifyRequest): Problem {
  if (error.validation) return commonProblem('invalid-request', { errors: describeValidation(error) });
  if (error.statusCode === 413) return commonProblem('payload-too-large');
  if (error.statusCode === 415) return commonProblem('unsupported-media-type');
  // Fastify's messages for these contain the path and its query.
  if (/^FST_ERR_(BAD_URL|MAX_PARAM_LENGTH)$/.test(error.code))
    return commonProblem('invalid-request', { detail: 'the path is not valid' });
  const isTimeout = error.code === 'FST_ERR_HANDLER_TIMEOUT';
  if (isTimeout && request.raw.complete === false) return commonProblem('request-timeout'); // its body has not arrived
  if (isTimeout || isDatabaseUnavailable(error)) return commonProblem('unavailable', { cause: error });
  if (error.statusCode && error.statusCode < 500)
    return commonProblem('invalid-request', { detail: error.message });
  return commonProblem('internal', { cause: error });
}

/** Returns JSON Pointers to the invalid values, such as `/body/items/0/quantity`. */
function describeValidation({ validation = [], validationContext }: FastifyError) {
  return validation.map(({ instancePath, params, message = 'is not valid' }) => {
    const name = params.missingProperty ?? params.additionalProperty;
    const path = name === undefined ? instancePath : `${instancePath}/${String(name)}`;
    return { pointer: `/${validationContext}${path}`, detail: message };
  });
}
