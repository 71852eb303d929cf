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

/** Keeps, for the calls that a request leads to, whose visit it is. */
export function rememberVisit(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  visit.run({ request, reply }, done);
}

/**
 * Repeats a call once that a peer refused with 401, with a new access token: the old one may be signed by a key that was pulled,
 * or be over by the peer's clock, while the session goes on. Whether it does, the user service alone decides.
 *
 * @returns a fetch that throws when the user service does not answer, or the peer refuses the new token, too
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

/** @returns the new access token; undefined when the session has ended */
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
