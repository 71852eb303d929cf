// Preloaded into a service's process (`--import`), never part of a service. Prints every route that a Fastify app
// registers, when the app listens, and ends the process.
import { subscribe } from 'node:diagnostics_channel';
import type { App } from '@meshmart/service/app';

subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: App };
  // Later hooks extend the declaration. The URL is read now, because Fastify reuses the object for `/docs/`.
  const noted: { url: string; route: { method: string | string[]; config?: { access?: string } } }[] = [];
  fastify.addHook('onRoute', (route) => void noted.push({ url: route.url, route }));
  fastify.addHook('onListen', async () => {
    const routes = noted.flatMap(({ url, route: { method, config } }) =>
      [method].flat().map((one) => ({ method: one, url, access: config?.access })),
    );
    process.stdout.write(`${JSON.stringify(routes)}\n`, () => process.exit());
  });
});
