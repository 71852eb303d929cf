import { databasePlugin } from '@meshmart/service/database';
import { PrismaClient } from '../generated/prisma/client.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** For reads of the catalogue. */
    database: PrismaClient;
    /** For changes of stock, which may wait for each other's row locks without holding up readers. */
    stockDatabase: PrismaClient;
  }
}

export const database = databasePlugin((options) => new PrismaClient(options), {
  database: 6,
  stockDatabase: 6,
});
