import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from './config.ts';
import { commonProblem } from './problems.ts';

/**
 * The callers of a route. `anonymous`: anyone. `customer`: a user with a valid token, for their own data only. `admin`:
 * a user whose token has that role. `service`: a peer, authorised by the mesh by its SPIFFE ID; the gateway has no
 * route to it. `operator`: a caller with direct access to the instance, such as a probe; the mesh admits nobody.
 */
export type Access = 'anonymous' | 'customer' | 'admin' | 'service' | 'operator';

interface AuthenticatedUser {
  id: string;
  role: string;
  /** The login session of the token; undefined for a token that was not made by a login. */
  sessionId: string | undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** The authenticated caller; set on routes with `access: 'customer'` or `'admin'`. */
    user: AuthenticatedUser;
  }
}

/**
 * Checks the access token of a request before anything else in it is read.
 *
 * @throws an Error at the start if a route has no `config.access`, or needs keys and there are none
 */
export const access = fp(async (app: FastifyInstance, { keys }: { keys: JWTVerifyGetKey | undefined }) => {
  app.decorateRequest('user');
  app.addHook('onRoute', (route) => {
    const allowed = route.config?.access;
    if (!allowed) throw new Error(`${route.method} ${route.url} does not declare config.access`);
    if (allowed !== 'customer' && allowed !== 'admin') return;
    if (!keys) throw new Error(`${route.method} ${route.url} needs keys to check tokens with`);
    route.schema = { ...route.schema, security: [{ accessToken: [] }] };
    const authorise = async (request: FastifyRequest, reply: FastifyReply) => {
      reply.header('cache-control', 'no-store'); // no cache may keep personal data
      await authenticate(request, keys);
      if (allowed === 'admin' && request.user.role !== 'admin') throw commonProblem('forbidden');
    };
    route.onRequest = [authorise, ...[route.onRequest ?? []].flat()];
  });
});

async function authenticate(request: FastifyRequest, keys: JWTVerifyGetKey): Promise<void> {
  const [, token] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!token) throw commonProblem('unauthenticated');
  const { payload } = await jwtVerify(token, keys, {
    issuer: TOKEN_ISSUER,
    audience: TOKEN_AUDIENCE,
    typ: 'at+jwt', // RFC 9068: other kinds of JWT are no access tokens
    algorithms: ['ES256'],
    requiredClaims: ['sub', 'exp'],
  }).catch((error) => {
    // Missing keys are our fault (503); every other error is the token's (401).
    const isKeys =
      !/^ERR_J/.test(error.code ?? '') || /^ERR_(JWKS_TIMEOUT|JWKS_INVALID|JOSE_GENERIC)$/.test(error.code);
    throw isKeys ? commonProblem('unavailable', { cause: error }) : commonProblem('unauthenticated');
  });
  request.user = {
    id: payload.sub as string,
    role: String(payload.role ?? 'customer'),
    sessionId: typeof payload.sid === 'string' ? payload.sid : undefined,
  };
}
