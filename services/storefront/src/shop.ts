import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import type { App } from '@meshmart/service/app';
import { createPeerFetch } from '@meshmart/service/peers';
import { commonProblem } from '@meshmart/service/problems';
import { ownAccountRoutes } from './account/own-account-routes.ts';
import { accountRoutes } from './account/routes.ts';
import { assetRoutes } from './assets/routes.ts';
import { basketRoutes } from './basket/routes.ts';
import { catalogueRoutes } from './catalogue/routes.ts';
import { checkoutRoutes } from './checkout/routes.ts';
import type { Config } from './config.ts';
import { respondWithPage } from './errors.ts';
import { orderRoutes } from './orders/routes.ts';
import { createAccountPeer } from './peers/account.ts';
import { createOrderPeer } from './peers/order.ts';
import { createProductPeer } from './peers/product.ts';
import { createUserPeer } from './peers/user.ts';
import { keepSession } from './session/keep-session.ts';
import { refreshOnRefusal, rememberVisit } from './session/refresh-on-refusal.ts';
import { refuseForeignForms } from './session/refuse-foreign-forms.ts';

/** Pages may load style sheet and pictures from the shop and send forms to it. No scripts, no other sources. */
const helmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  referrerPolicy: { policy: 'same-origin' as const },
  // The gateway decides about TLS.
  strictTransportSecurity: false,
};

/** Registers all routes under /shop. */
export async function shop(app: App, config: Config) {
  await app.register(helmet, helmetOptions);
  await app.register(cookie);
  await app.register(formbody);
  app.setErrorHandler(respondWithPage);
  app.setNotFoundHandler(() => {
    throw commonProblem('not-found');
  });
  app.addHook('onRequest', refuseForeignForms);

  const peerFetch = createPeerFetch(config);
  app.addHook('onClose', () => peerFetch.close());
  const products = createProductPeer(config.PRODUCT_URL, peerFetch);
  const users = createUserPeer(config.USER_URL, peerFetch);
  const visitorFetch = refreshOnRefusal(peerFetch, users);
  const orders = createOrderPeer(config.ORDER_URL, visitorFetch);
  const account = createAccountPeer(config.USER_URL, visitorFetch);

  await app.register(assetRoutes);
  await app.register(async (pages) => {
    // Pages show the visitor's basket, and going back must reload a checkout's form.
    pages.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    pages.addHook('onRequest', rememberVisit);
    pages.addHook('onRequest', keepSession(users));
    await pages.register(catalogueRoutes, { products });
    await pages.register(basketRoutes, { products });
    await pages.register(checkoutRoutes, { products, orders });
    await pages.register(orderRoutes, { orders });
    await pages.register(accountRoutes, { users });
    await pages.register(ownAccountRoutes, { account });
  });
}
