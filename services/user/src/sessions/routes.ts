import type { App } from '@meshmart/service/app';
import { addBackgroundJob } from '@meshmart/service/background-job';
import { ACCESS_TOKEN_LIFETIME_S } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';
import { problem } from '../problems.ts';
import { signAccessToken } from '../tokens/access-token.ts';
import type { SigningKeys } from '../tokens/signing-keys.ts';
import { checkCredentials } from './check-credentials.ts';
import { attemptSource, type limitAttempts } from './limit-attempts.ts';
import { endSession, forgetOldSessions, refreshSession, type Session, startSession } from './repository.ts';
import { RefreshRequest, SessionRequest, SessionSchema } from './schemas.ts';

const FORGET_EVERY_MS = 60_000;

const config = { access: 'anonymous' as const };

interface Options {
  signingKeys: SigningKeys;
  limit: Awaited<ReturnType<typeof limitAttempts>>;
}

/** Registers the routes for tokens, and the background job that deletes ended sessions. */
export async function sessionRoutes(app: App, { signingKeys, limit }: Options) {
  // No cache may keep tokens (RFC 6749, section 5.1).
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.post(
    '/sessions',
    {
      config: { ...config, problems: ['wrong-credentials', 'too-many-attempts', 'too-busy'] },
      onRequest: limit,
      schema: {
        operationId: 'logIn',
        summary: 'Log in',
        body: SessionRequest,
        response: { 201: SessionSchema },
      },
    },
    async (request, reply) => {
      const user = await checkCredentials(app.database, { ...request.body, source: attemptSource(request) });
      const session = user && (await startSession(app.database, user));
      if (!session) throw problem('wrong-credentials');
      return reply.code(201).send(await toSessionResponse(session));
    },
  );

  app.post(
    '/sessions/refresh',
    {
      config: { ...config, problems: ['session-ended'] },
      schema: {
        operationId: 'refreshSession',
        summary: 'Exchange a refresh token for new tokens',
        body: RefreshRequest,
        response: { 200: SessionSchema },
      },
    },
    async ({ body, log }) => {
      const session = await refreshSession(app.database, body.refreshToken);
      if (session === 'reused')
        log.warn('a refresh token was used again after its successor; its session has ended');
      if (typeof session === 'string') throw problem('session-ended');
      return toSessionResponse(session);
    },
  );

  app.post(
    '/sessions/revoke',
    {
      config,
      schema: {
        operationId: 'logOut',
        summary: 'End the session of a refresh token',
        body: RefreshRequest,
        response: { 204: Type.Null() },
      },
    },
    async ({ body }, reply) => {
      await endSession(app.database, body.refreshToken);
      return reply.code(204).send(null); // also for an unknown token (RFC 7009, section 2.2)
    },
  );

  addBackgroundJob(app, { name: 'deleting ended sessions', everyMs: FORGET_EVERY_MS }, async (stop) => {
    while (!stop.aborted && (await forgetOldSessions(app.database)) > 0);
  });

  async function toSessionResponse({ id, user, ...refresh }: Session): Promise<Static<typeof SessionSchema>> {
    const accessToken = await signAccessToken(signingKeys, user, id);
    return { accessToken, tokenType: 'Bearer', expiresInS: ACCESS_TOKEN_LIFETIME_S, ...refresh };
  }
}
