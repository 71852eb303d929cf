import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../peers/user.ts';
import { cookieOptions } from './cookies.ts';

const SESSION_COOKIE = 'meshmart_session';
const REFRESH_COOKIE = 'meshmart_refresh';
/** A token that is over soon is no good for a request that takes its time. */
const RENEW_BEFORE_END_S = 30;
/** A cookie may hold anything; only what looks like a JWT goes into a header. */
const IS_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The visitor's access token, if there is one. The services verify it; the storefront only carries it. */
export function readSession(request: FastifyRequest): string | undefined {
  const token = request.cookies[SESSION_COOKIE];
  return token && IS_TOKEN.test(token) ? token : undefined;
}

/** What a new access token can be had for. */
export function readRefreshToken(request: FastifyRequest): string | undefined {
  return request.cookies[REFRESH_COOKIE] || undefined;
}

/** Keeps the tokens where no script can read them, for as long as they are valid. */
export function startSession(request: FastifyRequest, reply: FastifyReply, session: Session): void {
  const { accessToken, expiresInS, refreshToken, refreshExpiresInS } = session;
  request.cookies[SESSION_COOKIE] = accessToken; // the page of this very answer is this visitor's already
  const maxAge = Math.max(1, expiresInS - RENEW_BEFORE_END_S);
  reply.setCookie(SESSION_COOKIE, accessToken, { ...cookieOptions(request), maxAge });
  reply.setCookie(REFRESH_COOKIE, refreshToken, { ...refreshOptions(request), maxAge: refreshExpiresInS });
}

export function endSession(request: FastifyRequest, reply: FastifyReply): void {
  delete request.cookies[SESSION_COOKIE]; // the page of this very answer is a stranger's already
  delete request.cookies[REFRESH_COOKIE];
  reply.clearCookie(SESSION_COOKIE, cookieOptions(request));
  reply.clearCookie(REFRESH_COOKIE, refreshOptions(request));
}

/** The services at the same address have no use for it. */
function refreshOptions(request: FastifyRequest) {
  return { ...cookieOptions(request), path: '/shop' };
}
