import { AsyncLocalStorage } from 'node:async_hooks';
import type { PeerFetch } from '@meshmart/service/peers';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UserPeer } from '../peers/user.ts';
import { endSession, readRefreshToken, startSession } from './session.ts';

interface Visit {
  request: FastifyRequest;
  reply: FastifyReply;
}

const visit = new AsyncLocalStorage<Visit>();

/** Remembers the request and its reply for the calls that it leads to. */
export function rememberVisit(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  visit.run({ request, reply }, done);
}

/**
 * Returns a fetch that repeats a call once, with a new access token, if the peer responds with 401: the token's key may
 * have been withdrawn, or the peer's clock may be ahead, although the session is still valid. It throws if the user
 * service is down, or if the peer refuses the new token.
 */
export function refreshOnRefusal(peerFetch: PeerFetch, users: Pick<UserPeer, 'refresh'>): PeerFetch {
  const fetchAgain = async (asked: Request, deadlineMs?: number): Promise<Response> => {
    const repetition = asked.clone();
    const response = await peerFetch(asked, deadlineMs);
    if (response.status !== 401) return response;
    const accessToken = await renewSession(visit.getStore(), users);
    if (!accessToken) return response;
    repetition.headers.set('authorization', `Bearer ${accessToken}`);
    const second = await peerFetch(repetition, deadlineMs);
    if (second.status === 401) throw new Error('the peer refused a new access token');
    return second;
  };
  return Object.assign(fetchAgain, { close: peerFetch.close });
}

/** @returns the new access token; undefined if the session has ended */
async function renewSession(
  current: Visit | undefined,
  users: Pick<UserPeer, 'refresh'>,
): Promise<string | undefined> {
  const refreshToken = current && readRefreshToken(current.request);
  if (!refreshToken) return undefined;
  const session = await users.refresh(refreshToken);
  if (session) startSession(current.request, current.reply, session);
  else endSession(current.request, current.reply);
  return session?.accessToken;
}
