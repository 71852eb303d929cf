import { databasePlugin } from '@meshmart/service/database';
import { PrismaClient } from '../generated/prisma/client.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** For reading the catalogue. */
    database: PrismaClient;
    /** For changes of stock, which may have to wait for each other's rows; readers need not wait with them. */
    stockDatabase: PrismaClient;
  }
}

export const database = databasePlugin((options) => new PrismaClient(options), {
  database: 6,
  stockDatabase: 6,
});
