import { chmod, rm } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

export type ListenAddress = { path: string } | { host: string; port: number };

/**
 * How many connections may wait to be accepted. A Unix socket refuses more at once, and its sidecar answers 503 for them; Node's
 * own 511 is less than a burst of customers. The system may have a lower limit (`net.core.somaxconn`, 4096 on Linux).
 */
const BACKLOG = 4096;

/** Listens on TCP, or on a Unix socket that only its owner may use. */
export async function listen(app: Pick<FastifyInstance, 'listen'>, address: ListenAddress): Promise<void> {
  if ('port' in address) return void (await app.listen({ ...address, backlog: BACKLOG }));
  await rm(address.path, { force: true }); // left behind by an instance that was killed
  await app.listen({ ...address, backlog: BACKLOG });
  await chmod(address.path, 0o600);
}
