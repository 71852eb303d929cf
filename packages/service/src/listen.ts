import { chmod, rm } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

type ListenAddress = { path: string } | { host: string; port: number };

/**
 * The number of connections that may wait to be accepted. A Unix socket refuses more, and the sidecar responds with
 * 503. Node's default of 511 is too small for a burst. The system may have a lower limit (`net.core.somaxconn`, 4096 on
 * Linux).
 */
const BACKLOG = 4096;

/** Listens on TCP, or on a Unix socket that only its owner may use. */
export async function listen(app: Pick<FastifyInstance, 'listen'>, address: ListenAddress): Promise<void> {
  if ('port' in address) return void (await app.listen({ ...address, backlog: BACKLOG }));
  await rm(address.path, { force: true }); // of an instance that was killed
  await app.listen({ ...address, backlog: BACKLOG });
  await chmod(address.path, 0o600);
}
