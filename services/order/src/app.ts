import { type App, type AppOptions, createApp } from '@meshmart/service/app';
import { expireIdempotencyKeys } from '@meshmart/service/expire-idempotency-keys';
import { createPeerFetch } from '@meshmart/service/peers';
import { createUserKeys } from '@meshmart/service/user-keys';
import type { Config } from './config.ts';
import { database } from './database.ts';
import { keyOfUnfinishedOrder } from './orders/repository.ts';
import { resumeOrders } from './orders/resume-orders.ts';
import { ORDER_TIMEOUT_MS, orderRoutes } from './orders/routes.ts';
import { createPaymentPeer } from './peers/payment.ts';
import { createProductPeer } from './peers/product.ts';
import { problem } from './problems.ts';

/** Builds the service with its background jobs: resuming orders and deleting expired keys. It does not listen yet. */
export async function buildApp(config: Config, options: Pick<AppOptions, 'logger'> = {}): Promise<App> {
  const peerFetch = createPeerFetch(config);
  const app = await createApp({
    name: 'order',
    description:
      'Places orders: reserves stock, takes the payment and confirms both, or cancels and compensates.',
    config,
    problems: problem.kinds,
    userKeys: createUserKeys(config.USER_URL, peerFetch),
    handlerTimeoutMs: ORDER_TIMEOUT_MS,
    ...options,
  });
  const peers = {
    product: createProductPeer(config.PRODUCT_URL, peerFetch),
    payment: createPaymentPeer(config.PAYMENT_URL, peerFetch),
  };
  await app.register(database, config);
  app.addHook('onClose', () => peerFetch.close());
  await app.register(orderRoutes, { peers, config });
  await app.register(resumeOrders, { peers });
  await app.register(expireIdempotencyKeys, { unfinished: keyOfUnfinishedOrder });
  return app;
}
