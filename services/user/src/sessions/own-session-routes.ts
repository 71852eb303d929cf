import type { App } from '@meshmart/service/app';
import { Type } from 'typebox';
import { problem } from '../problems.ts';
import { endSessions, listSessions } from './repository.ts';
import { OwnSessionList, SessionParams } from './schemas.ts';

const config = { access: 'customer' as const };

/** Registers the routes for customers to list and end their sessions. */
export async function ownSessionRoutes(app: App) {
  app.get(
    '/users/me/sessions',
    {
      config,
      schema: {
        operationId: 'listSessions',
        summary: 'List your sessions',
        response: { 200: OwnSessionList },
      },
    },
    async ({ user }) => {
      const sessions = await listSessions(app.database, user.id);
      return {
        items: sessions.map(({ id, createdAt, rotatedAt, expiresAt }) => ({
          id,
          startedAt: createdAt.toISOString(),
          refreshedAt: rotatedAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
          isCurrent: id === user.sessionId,
        })),
      };
    },
  );

  app.delete(
    '/users/me/sessions',
    {
      config,
      schema: {
        operationId: 'endSessions',
        summary: 'End all your sessions',
        response: { 204: Type.Null() },
      },
    },
    async ({ user }, reply) => {
      await endSessions(app.database, user.id);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/users/me/sessions/:sessionId',
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'endSession',
        summary: 'End one of your sessions',
        params: SessionParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ user, params: { sessionId } }, reply) => {
      if ((await endSessions(app.database, user.id, sessionId)) === 0) throw problem('not-found');
      return reply.code(204).send(null);
    },
  );
}
