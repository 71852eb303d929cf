import { createAdapter } from '@meshmart/database/adapter';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type {} from './health.ts';

interface DatabaseClient {
  $queryRaw(query: TemplateStringsArray): PromiseLike<unknown>;
  $disconnect(): Promise<void>;
}

/**
 * Connects an app to its service's own database: decorates it with the client as `app.database`, makes readiness depend on an
 * answer, and disconnects on close.
 *
 * @param createClient makes the service's generated Prisma client, since each service generates its own
 */
export function databasePlugin(createClient: (adapter: ReturnType<typeof createAdapter>) => DatabaseClient) {
  return fp(async (app: FastifyInstance, { DATABASE_URL }: { DATABASE_URL: string }) => {
    const client = createClient(createAdapter(DATABASE_URL));
    app.decorate('database', client as never); // of which type it is, each service declares
    app.addReadinessCheck(async () => client.$queryRaw`SELECT 1`);
    app.addHook('onClose', () => client.$disconnect());
  });
}
