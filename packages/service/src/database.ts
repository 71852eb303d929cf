import { createAdapter } from '@meshmart/database/adapter';
import { Pool } from '@meshmart/database/pool';
import { createProbe } from '@meshmart/database/probe';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Static, TObject } from 'typebox';
import type { databaseConfig } from './config.ts';
import type {} from './health.ts';

interface DatabaseClient {
  $disconnect(): Promise<void>;
}

type ClientOptions = {
  adapter: ReturnType<typeof createAdapter>;
  transactionOptions: { maxWait: number; timeout: number };
};

type DatabaseConfig = Static<TObject<typeof databaseConfig>>;

/**
 * Returns a plugin that decorates an app with Prisma clients for the service's database. Readiness requires open
 * connections and a response of the server. Closing the app disconnects.
 *
 * @param createClient creates the service's generated Prisma client
 * @param pools pool size by client name. Work with a pool of its own cannot be starved by other work
 */
export function databasePlugin(
  createClient: (options: ClientOptions) => DatabaseClient,
  pools: Record<string, number> = { database: 10 },
) {
  return fp(async (app: FastifyInstance, { DATABASE_URL, DATABASE_WAIT_MS: waitMs }: DatabaseConfig) => {
    for (const [name, connections] of Object.entries(pools)) {
      const pool = new Pool(DATABASE_URL, { connections, waitMs });
      const client = createClient({
        adapter: createAdapter(pool),
        transactionOptions: { maxWait: waitMs, timeout: 2.5 * waitMs },
      });
      app.decorate(name, client as never); // the service declares its type
      app.addReadinessCheck(() => pool.fill());
      app.addHook('onClose', async () => {
        await client.$disconnect();
        // Prisma ends only a pool that it has used, and readiness fills every pool.
        if (!pool.ended) await pool.end();
      });
    }
    const probe = createProbe(DATABASE_URL);
    app.addReadinessCheck(() => probe.check());
    app.addHook('onClose', () => probe.close());
  });
}
