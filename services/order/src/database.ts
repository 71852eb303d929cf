import { databasePlugin } from '@meshmart/service/database';
import { PrismaClient } from '../generated/prisma/client.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** For requests: reads orders and claims keys. */
    database: PrismaClient;
    /** For sagas, so that a burst of requests does not hold up orders in progress. */
    sagaDatabase: PrismaClient;
  }
}

export const database = databasePlugin((options) => new PrismaClient(options), {
  database: 6,
  sagaDatabase: 6,
});
