import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../peers/user.ts';
import { forgetCookie, keepCookie, readCookie } from './cookies.ts';

const SESSION_COOKIE = 'meshmart_session';
const REFRESH_COOKIE = 'meshmart_refresh';
/** Renew tokens early, since a request may take some time. */
const RENEW_BEFORE_END_S = 30;
/** A cookie may contain anything; only text that looks like a JWT goes into a header. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const MAX_TOKEN_LENGTH = 4000;

/** Returns the visitor's access token. The storefront does not verify it; the services do. */
export function readSession(request: FastifyRequest): string | undefined {
  const token = readCookie(request, SESSION_COOKIE);
  return token && token.length <= MAX_TOKEN_LENGTH && TOKEN.test(token) ? token : undefined;
}

/** Returns the visitor's refresh token. */
export function readRefreshToken(request: FastifyRequest): string | undefined {
  return readCookie(request, REFRESH_COOKIE) || undefined;
}

/** Stores the tokens in cookies that no script can read, for as long as they are valid. */
export function startSession(request: FastifyRequest, reply: FastifyReply, session: Session): void {
  const { accessToken, expiresInS, refreshToken, refreshExpiresInS } = session;
  const maxAgeS = Math.max(1, expiresInS - RENEW_BEFORE_END_S);
  keepCookie(request, reply, { name: SESSION_COOKIE, value: accessToken, maxAgeS });
  keepCookie(request, reply, { name: REFRESH_COOKIE, value: refreshToken, maxAgeS: refreshExpiresInS });
}

/** Deletes the cookies. The session itself ends by `logOut` at the user service, or when its time is up. */
export function endSession(request: FastifyRequest, reply: FastifyReply): void {
  forgetCookie(request, reply, SESSION_COOKIE);
  forgetCookie(request, reply, REFRESH_COOKIE);
}
