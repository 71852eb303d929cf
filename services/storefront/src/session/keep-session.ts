import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UserPeer } from '../peers/user.ts';
import { endSession, readRefreshToken, readSession, startSession } from './session.ts';

/**
 * Returns a hook that renews an expired access token. Simultaneous pages get the same tokens. While the user service is
 * down, the visitor is treated as logged out, and keeps the cookie.
 */
export function keepSession(users: UserPeer) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const refreshToken = readRefreshToken(request);
    if (!refreshToken || readSession(request)) return;
    try {
      const session = await users.refresh(refreshToken);
      if (session) startSession(request, reply, session);
      else endSession(request, reply);
    } catch (err) {
      request.log.warn({ err }, 'a session could not be refreshed');
    }
  };
}
