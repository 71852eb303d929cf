import { createAdapter } from '@meshmart/database/adapter';
import fp from 'fastify-plugin';
import { PrismaClient } from '../generated/prisma/client.ts';
import type { Config } from './config.ts';

declare module 'fastify' {
  interface FastifyInstance {
    database: PrismaClient;
  }
}

export const database = fp(async (app, { DATABASE_URL }: Config) => {
  const client = new PrismaClient({ adapter: createAdapter(DATABASE_URL) });
  app.decorate('database', client);
  app.addReadinessCheck(() => client.$queryRaw`SELECT 1`);
  app.addHook('onClose', () => client.$disconnect());
});
