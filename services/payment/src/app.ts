import { type App, type AppOptions, createApp } from '@meshmart/service/app';
import { expireIdempotencyKeys } from '@meshmart/service/expire-idempotency-keys';
import { Prisma } from '../generated/prisma/client.ts';
import type { Config } from './config.ts';
import { database } from './database.ts';
import { keyOfUnfinishedPayment } from './payments/repository.ts';
import { paymentRoutes } from './payments/routes.ts';
import { problem } from './problems.ts';
import { keyOfUnfinishedRefund } from './refunds/repository.ts';
import { refundRoutes } from './refunds/routes.ts';

/** Builds the service, and the background job that deletes expired keys. It does not listen yet. */
export async function buildApp(config: Config, options: Pick<AppOptions, 'logger'> = {}): Promise<App> {
  const app = await createApp({
    name: 'payment',
    description: 'Authorises, captures, voids and refunds payments at a simulated provider.',
    config,
    problems: problem.kinds,
    ...options,
  });
  await app.register(database, config);
  await app.register(paymentRoutes);
  await app.register(refundRoutes);
  await app.register(expireIdempotencyKeys, {
    unfinished: Prisma.sql`${keyOfUnfinishedPayment} OR ${keyOfUnfinishedRefund}`,
  });
  return app;
}
