import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/**
 * Closes with the app what was connected and never used. Node closes idle connections, but takes these for busy, and a proxy
 * keeps one for an hour: so long would a service that is to end wait for it.
 */
export const unusedConnections = fp(async (app: FastifyInstance) => {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.addHook('preClose', async () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  });
});
