import { createAdapter } from '@meshmart/database/adapter';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type {} from './health.ts';

interface DatabaseClient {
  $queryRaw(query: TemplateStringsArray): PromiseLike<unknown>;
  $disconnect(): Promise<void>;
}

/**
 * A burst waits for a connection of the pool instead of failing: Prisma would give up after 2 s. The transactions themselves
 * are short, since none is held open across a peer call.
 */
const transactionOptions = { maxWait: 15_000, timeout: 15_000 };

type ClientOptions = {
  adapter: ReturnType<typeof createAdapter>;
  transactionOptions: typeof transactionOptions;
};

/**
 * Connects an app to its service's own database: decorates it with the client as `app.database`, makes readiness depend on an
 * answer, and disconnects on close.
 *
 * @param createClient makes the service's generated Prisma client, since each service generates its own
 */
export function databasePlugin(createClient: (options: ClientOptions) => DatabaseClient) {
  return fp(async (app: FastifyInstance, { DATABASE_URL }: { DATABASE_URL: string }) => {
    const client = createClient({ adapter: createAdapter(DATABASE_URL), transactionOptions });
    app.decorate('database', client as never); // of which type it is, each service declares
    app.addReadinessCheck(async () => client.$queryRaw`SELECT 1`);
    app.addHook('onClose', () => client.$disconnect());
  });
}
