import type { FastifyReply, FastifyRequest } from 'fastify';
import { cookieOptions } from './cookies.ts';

const SESSION_COOKIE = 'meshmart_session';
/** A cookie may hold anything; only what looks like a JWT goes into a header. */
const IS_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The visitor's access token, if there is one. The services verify it; the storefront only carries it. */
export function readSession(request: FastifyRequest): string | undefined {
  const token = request.cookies[SESSION_COOKIE];
  return token && IS_TOKEN.test(token) ? token : undefined;
}

/** Keeps the access token where no script can read it, for as long as it is valid. */
export function startSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { accessToken, expiresInS }: { accessToken: string; expiresInS: number },
): void {
  reply.setCookie(SESSION_COOKIE, accessToken, { ...cookieOptions(request), maxAge: expiresInS });
}

export function endSession(request: FastifyRequest, reply: FastifyReply): void {
  delete request.cookies[SESSION_COOKIE]; // the page of this very answer is a stranger's already
  reply.clearCookie(SESSION_COOKIE, cookieOptions(request));
}
