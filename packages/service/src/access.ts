import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from './config.ts';
import { commonProblem } from './problems.ts';

/**
 * Who may call a route: `anonymous` anyone; `customer` a user with a valid token, who sees only what is theirs; `admin` a user
 * whose token says so; `service` a peer, which the mesh authorises by its SPIFFE ID and which no gateway route leads to;
 * `operator` whoever reaches the instance itself, such as a probe: the mesh lets nobody through to it.
 */
export type Access = 'anonymous' | 'customer' | 'admin' | 'service' | 'operator';

export interface AuthenticatedUser {
  id: string;
  role: string;
  /** The session that the token was made for; none for one made by something else than a login. */
  sessionId: string | undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Who is asking; set on routes with `access: 'customer'` or `'admin'`. */
    user: AuthenticatedUser;
  }
}

/**
 * Makes every route say who may call it, and checks the token where one is needed, before anything else of the request is
 * looked at. A route without `config.access` stops the start.
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
      reply.header('cache-control', 'no-store'); // what is somebody's own is nobody's to keep on the way
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
    typ: 'at+jwt', // RFC 9068: a JWT that is no access token must not pass for one
    algorithms: ['ES256'],
    requiredClaims: ['sub', 'exp'],
  }).catch((error) => {
    // Keys that cannot be had are not the caller's fault; whatever else is wrong is the token.
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
