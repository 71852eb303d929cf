import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signingKeysFileIn } from '@meshmart/local-platform/secrets';
import type { Access } from '@meshmart/service/access';
import { plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import type { RunningStore } from '../running-store.ts';

const preload = fileURLToPath(new URL('report-routes.ts', import.meta.url));

export interface Route {
  method: string;
  /** Registered path, as in `/orders/:orderId`. */
  url: string;
  /** Its declared access. */
  access?: Access;
}

/** A version of a service with all its routes. */
export interface RunningApp {
  service: string;
  /** Name of an instance of this version in the running store. */
  instance: string;
  routes: Route[];
}

/** Starts each version of each service once more, with the store's databases and keys, and reads its routes. */
export async function listRunningApps(store: RunningStore): Promise<RunningApp[]> {
  const { instances } = await store.status();
  const databases: Record<string, string> = { ...(await store.databases()) };
  const firsts = instances.filter(({ name }) => name.endsWith('-1'));
  return Promise.all(
    firsts.map(async ({ name, service, version }) => ({
      service,
      instance: name,
      routes: await listRoutes(service, {
        SERVICE_VERSION: version,
        LISTEN_SOCKET: join(store.layout.state, `${name}.sock`),
        SIGNING_KEYS_FILE: signingKeysFileIn(store.layout.secrets),
        LOG_LEVEL: 'silent',
        ...(databases[service] ? { DATABASE_URL: databases[service] } : {}),
      }),
    })),
  );
}

async function listRoutes(service: string, env: Record<string, string>): Promise<Route[]> {
  const program = join(config.root, 'services', service, 'src/server.ts');
  const args = ['--import', preload, program];
  const { output } = await runToEnd(process.execPath, args, { ...plainEnvironment, ...env });
  const report = output.split('\n').find((line) => line.startsWith('[{'));
  if (!report) throw new Error(`${service} did not say which routes it has:\n${output}`);
  return JSON.parse(report);
}
