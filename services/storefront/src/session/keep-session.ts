import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UserPeer } from '../peers/user.ts';
import { endSession, readRefreshToken, readSession, startSession } from './session.ts';

/**
 * Gets a visitor whose access token is over a new one, before the page is made. Two pages that do so at once get the same tokens.
 * While the user service does not answer, the visitor is a stranger, and the catalogue is still there; the cookie stays for later.
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
