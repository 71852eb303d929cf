import { databasePlugin } from '@meshmart/service/database';
import { PrismaClient } from '../generated/prisma/client.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** For requests: reading orders, and claiming keys for new ones. */
    database: PrismaClient;
    /** For sagas, so that orders in progress come to their end before a crowd of requests has been let in. */
    sagaDatabase: PrismaClient;
  }
}

export const database = databasePlugin((options) => new PrismaClient(options), {
  database: 6,
  sagaDatabase: 6,
});
