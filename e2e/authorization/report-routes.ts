// Preloaded into a service's process (`--import`), never part of a service: notes every route that a Fastify app registers,
// whatever the service itself knows of it, prints them when the app listens, and ends the process.
import { subscribe } from 'node:diagnostics_channel';
import type { App } from '@meshmart/service/app';

subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: App };
  // Later hooks add to what a route declares; its url is noted now, since Fastify goes on with the same object to `/docs/`.
  const noted: { url: string; route: { method: string | string[]; config?: { access?: string } } }[] = [];
  fastify.addHook('onRoute', (route) => void noted.push({ url: route.url, route }));
  fastify.addHook('onListen', async () => {
    const routes = noted.flatMap(({ url, route: { method, config } }) =>
      [method].flat().map((one) => ({ method: one, url, access: config?.access })),
    );
    process.stdout.write(`${JSON.stringify(routes)}\n`, () => process.exit());
  });
});
