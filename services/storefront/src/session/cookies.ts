import type { FastifyRequest } from 'fastify';

/** How every cookie of the shop is set. `Strict` also keeps other sites from posting forms in the visitor's name. */
export function cookieOptions(request: FastifyRequest) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    // TLS ends at the gateway, which says by this header how the visitor came.
    secure: request.headers['x-forwarded-proto'] === 'https',
  } as const;
}
