import { type App, type AppOptions, createApp } from '@meshmart/service/app';
import type { Config } from './config.ts';
import { database } from './database.ts';
import { paymentRoutes } from './payments/routes.ts';
import { refundRoutes } from './refunds/routes.ts';

export async function buildApp(config: Config, options: Pick<AppOptions, 'logger'> = {}): Promise<App> {
  const app = await createApp({
    name: 'payment',
    description: 'Payments, authorised, captured, voided and refunded at a simulated provider.',
    config,
    ...options,
  });
  await app.register(database, config);
  await app.register(paymentRoutes);
  await app.register(refundRoutes);
  return app;
}
