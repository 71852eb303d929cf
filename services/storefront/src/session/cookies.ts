import type { FastifyReply, FastifyRequest } from 'fastify';

/** The visitor's cookie of this name. */
export function readCookie(request: FastifyRequest, name: string): string | undefined {
  return request.cookies?.[fullName(request, name)]; // an error may come before they are read
}

/** Keeps a value with the visitor for so many seconds, where no script and no other site can use it. */
export function keepCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { name, value, maxAgeS }: { name: string; value: string; maxAgeS: number },
): void {
  request.cookies[fullName(request, name)] = value; // the page of this very answer has it already
  reply.setCookie(fullName(request, name), value, { ...optionsFor(request), maxAge: maxAgeS });
}

export function forgetCookie(request: FastifyRequest, reply: FastifyReply, name: string): void {
  delete request.cookies[fullName(request, name)]; // the page of this very answer has it no more
  reply.clearCookie(fullName(request, name), optionsFor(request));
}

/** `Lax`, so that a link from elsewhere finds the visitor logged in; other sites' forms are sent without the cookies. */
function optionsFor(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isByTls(request) } as const;
}

/** By this prefix browsers keep out what a neighbouring host or a connection without TLS has set (RFC 6265bis, section 4.1.3.2). */
function fullName(request: FastifyRequest, name: string): string {
  return isByTls(request) ? `__Host-${name}` : name;
}

/** TLS ends at the gateway, which says by this header how the visitor came. */
function isByTls({ headers }: FastifyRequest): boolean {
  return headers['x-forwarded-proto'] === 'https';
}
