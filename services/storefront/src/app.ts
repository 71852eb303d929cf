import { type App, type AppOptions, createApp } from '@meshmart/service/app';
import type { Config } from './config.ts';
import { shop } from './shop.ts';

/** Longer than the slowest page: it refreshes the session (3 s) and then places an order (6.5 s). */
const PAGE_TIMEOUT_MS = 10_000;

/** Builds the service: the shop under /shop, and a redirect to it from /. */
export async function buildApp(config: Config, options: Pick<AppOptions, 'logger'> = {}): Promise<App> {
  const app = await createApp({
    name: 'storefront',
    description: 'Serves the shop as web pages under /shop. Programs use the other services directly.',
    config,
    handlerTimeoutMs: PAGE_TIMEOUT_MS,
    ...options,
  });
  app.get('/', { config: { access: 'anonymous' }, schema: { hide: true } }, async (_request, reply) =>
    reply.redirect('/shop/', 302),
  );
  await app.register(shop, { prefix: '/shop', ...config });
  return app;
}
