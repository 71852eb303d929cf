import type { FastifyReply, FastifyRequest } from 'fastify';

/** Returns the visitor's cookie of this name. */
export function readCookie(request: FastifyRequest, name: string): string | undefined {
  return request.cookies?.[fullName(request, name)]; // undefined if an error occurs before the cookies are parsed
}

/** Sets a cookie that no script and no other site can use. */
export function keepCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { name, value, maxAgeS }: { name: string; value: string; maxAgeS: number },
): void {
  request.cookies[fullName(request, name)] = value; // for the page of this response
  reply.setCookie(fullName(request, name), value, { ...optionsFor(request), maxAge: maxAgeS });
}

/** Deletes a cookie, also for the page of this response. */
export function forgetCookie(request: FastifyRequest, reply: FastifyReply, name: string): void {
  delete request.cookies[fullName(request, name)]; // for the page of this response
  reply.clearCookie(fullName(request, name), optionsFor(request));
}

/** `Lax` sends the cookies with links from other sites, but not with their forms. */
function optionsFor(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isByTls(request) } as const;
}

/** With this prefix, browsers ignore cookies of sibling hosts and of connections without TLS (RFC 6265bis, 4.1.3.2). */
function fullName(request: FastifyRequest, name: string): string {
  return isByTls(request) ? `__Host-${name}` : name;
}

/** The gateway terminates TLS and sets this header to the visitor's scheme. */
function isByTls({ headers }: FastifyRequest): boolean {
  return headers['x-forwarded-proto'] === 'https';
}
