import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from './app.ts';
import type { ServiceConfig } from './config.ts';
import { listen } from './listen.ts';

/**
 * Listens, and on SIGTERM or SIGINT drains: readiness fails first, then, after `DRAIN_MS`, nothing new is accepted and
 * what is under way is finished. Does not return before the service listens.
 */
export async function serve(app: App, config: ServiceConfig): Promise<void> {
  const { LISTEN_SOCKET: path, HOST: host, PORT: port, DRAIN_MS } = config;
  await listen(app, path ? { path } : { host, port });

  const stop = async (signal: string) => {
    app.log.info({ signal }, 'draining');
    app.failReadiness();
    await sleep(DRAIN_MS);
    await app.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
