import { chmod, rm } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

export type ListenAddress = { path: string } | { host: string; port: number };

/** Listens on TCP, or on a Unix socket that only its owner may use. */
export async function listen(app: Pick<FastifyInstance, 'listen'>, address: ListenAddress): Promise<void> {
  if ('port' in address) return void (await app.listen(address));
  await rm(address.path, { force: true }); // left behind by an instance that was killed
  await app.listen(address);
  await chmod(address.path, 0o600);
}
