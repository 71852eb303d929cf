import { databasePlugin } from '@meshmart/service/database';
import { PrismaClient } from '../generated/prisma/client.ts';

declare module 'fastify' {
  interface FastifyInstance {
    database: PrismaClient;
  }
}

export const database = databasePlugin((options) => new PrismaClient(options));
