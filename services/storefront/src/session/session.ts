import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../peers/user.ts';
import { forgetCookie, keepCookie, readCookie } from './cookies.ts';

const SESSION_COOKIE = 'meshmart_session';
const REFRESH_COOKIE = 'meshmart_refresh';
/** A token that is over soon is no good for a request that takes its time. */
const RENEW_BEFORE_END_S = 30;
/** A cookie may hold anything; only what looks like a JWT of ours goes into a header, which has its limit, too. */
const IS_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const MAX_TOKEN_LENGTH = 4000;

/** The visitor's access token, if there is one. The services verify it; the storefront only carries it. */
export function readSession(request: FastifyRequest): string | undefined {
  const token = readCookie(request, SESSION_COOKIE);
  return token && token.length <= MAX_TOKEN_LENGTH && IS_TOKEN.test(token) ? token : undefined;
}

/** What a new access token can be had for. */
export function readRefreshToken(request: FastifyRequest): string | undefined {
  return readCookie(request, REFRESH_COOKIE) || undefined;
}

/** Keeps the tokens where no script can read them, for as long as they are valid. */
export function startSession(request: FastifyRequest, reply: FastifyReply, session: Session): void {
  const { accessToken, expiresInS, refreshToken, refreshExpiresInS } = session;
  const maxAgeS = Math.max(1, expiresInS - RENEW_BEFORE_END_S);
  keepCookie(request, reply, { name: SESSION_COOKIE, value: accessToken, maxAgeS });
  keepCookie(request, reply, { name: REFRESH_COOKIE, value: refreshToken, maxAgeS: refreshExpiresInS });
}

export function endSession(request: FastifyRequest, reply: FastifyReply): void {
  forgetCookie(request, reply, SESSION_COOKIE);
  forgetCookie(request, reply, REFRESH_COOKIE);
}
