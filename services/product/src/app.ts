import { type App, type AppOptions, createApp } from '@meshmart/service/app';
import type { Config } from './config.ts';
import { database } from './database.ts';
import { productRoutes } from './products/routes.ts';
import { expireReservations } from './reservations/expire-reservations.ts';
import { reservationRoutes } from './reservations/routes.ts';

export async function buildApp(config: Config, options: Pick<AppOptions, 'logger'> = {}): Promise<App> {
  const app = await createApp({
    name: 'product',
    description: 'The catalogue, its stock, and the reservations that orders hold on it.',
    config,
    ...options,
  });
  await app.register(database, config);
  await app.register(productRoutes, { withRecommendations: config.SERVICE_VERSION !== 'v1' });
  await app.register(reservationRoutes, { lifetimeS: config.RESERVATION_LIFETIME_S });
  await app.register(expireReservations);
  return app;
}
