import type { FastifyRequest } from 'fastify';

/**
 * Returns the address from which a request entered the store. The gateway appends it to `X-Forwarded-For`, and sidecars
 * add nothing, therefore only the last element counts: a client can forge the others. If the sidecar has not verified
 * the caller, the header is ignored and the address is the connection's.
 *
 * @returns undefined for a caller on the instance's own Unix socket, which only the owner of the process can use
 */
export function readClientAddress({
  headers,
  socket,
}: Pick<FastifyRequest, 'headers' | 'socket'>): string | undefined {
  const isFromMesh = /URI=spiffe:/.test(String(headers['x-forwarded-client-cert'] ?? ''));
  const forwarded = isFromMesh ? String(headers['x-forwarded-for'] ?? '') : '';
  return forwarded.split(',').at(-1)?.trim() || socket.remoteAddress;
}
