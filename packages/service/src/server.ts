import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from './app.ts';
import type { ServiceConfig } from './config.ts';
import { listen } from './listen.ts';

/**
 * Starts a service; resolves when it listens. On SIGTERM or SIGINT it drains: readiness fails at once, and after
 * `DRAIN_MS` the server finishes its requests and closes.
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
