// Preloaded into a service's process (`--import`), never part of a service: notes every route that a Fastify app registers,
// whatever the service itself knows of it, prints them when the app listens, and ends the process.
import { subscribe } from 'node:diagnostics_channel';
import type { App } from '@meshmart/service/app';

subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: App };
  const noted: { method: string | string[]; url: string; config?: { access?: string } }[] = [];
  fastify.addHook('onRoute', (route) => void noted.push(route));
  fastify.addHook('onListen', async () => {
    const routes = noted.flatMap(({ method, url, config }) =>
      [method].flat().map((one) => ({ method: one, url, access: config?.access })),
    );
    process.stdout.write(`${JSON.stringify(routes)}\n`, () => process.exit());
  });
});
