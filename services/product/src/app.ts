import { type App, type AppOptions, createApp } from '@meshmart/service/app';
import { createPeerFetch } from '@meshmart/service/peers';
import { createUserKeys } from '@meshmart/service/user-keys';
import type { Config } from './config.ts';
import { database } from './database.ts';
import { problem } from './problems.ts';
import { editRoutes } from './products/edit-routes.ts';
import { productRoutes } from './products/routes.ts';
import { expireReservations } from './reservations/expire-reservations.ts';
import { reservationRoutes } from './reservations/routes.ts';

/** Builds the service, and the background job that expires reservations. Version v1 has no recommendations. */
export async function buildApp(config: Config, options: Pick<AppOptions, 'logger'> = {}): Promise<App> {
  const peerFetch = createPeerFetch(config);
  const app = await createApp({
    name: 'product',
    description: 'Serves the catalogue, and reserves its stock for orders.',
    config,
    problems: problem.kinds,
    userKeys: createUserKeys(config.USER_URL, peerFetch),
    ...options,
  });
  await app.register(database, config);
  app.addHook('onClose', () => peerFetch.close());
  await app.register(productRoutes, { withRecommendations: config.SERVICE_VERSION !== 'v1' });
  await app.register(editRoutes);
  await app.register(reservationRoutes, { lifetimeS: config.RESERVATION_LIFETIME_S });
  await app.register(expireReservations);
  return app;
}
