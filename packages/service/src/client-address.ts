import type { FastifyRequest } from 'fastify';

/**
 * Returns the address from which a request entered the store. The gateway appends the address of its caller to
 * `X-Forwarded-For`, so only the last element counts: a client can write the others itself. The sidecars add none. Without a
 * caller that the own sidecar has verified, the header is anybody's word, and the address is the connection's.
 *
 * @returns undefined for a caller on the own Unix socket, which only the owner of the process can use
 */
export function readClientAddress({
  headers,
  socket,
}: Pick<FastifyRequest, 'headers' | 'socket'>): string | undefined {
  const isFromMesh = /URI=spiffe:/.test(String(headers['x-forwarded-client-cert'] ?? ''));
  const forwarded = isFromMesh ? String(headers['x-forwarded-for'] ?? '') : '';
  return forwarded.split(',').at(-1)?.trim() || socket.remoteAddress;
}
