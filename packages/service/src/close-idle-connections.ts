import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

const SWEEP_EVERY_MS = 1000;

/**
 * Closes with the app what was connected and never used, until the server is closed: while the app finishes its work, new ones
 * come. Node closes idle connections, but takes these for busy, and a proxy keeps one for an hour: so long would a service that
 * is to end wait for it. Node no longer looks for late requests either, so after their time all connections are closed.
 */
export const closeIdleConnections = fp(async (app: FastifyInstance) => {
  const sockets = new Map<Socket, number>();
  app.server.on('connection', (socket) => {
    sockets.set(socket, Date.now());
    socket.once('close', () => sockets.delete(socket));
  });
  const sweep = () => {
    for (const [socket, since] of sockets) {
      // The first request may be right behind the connection.
      if (socket.bytesRead === 0 && Date.now() - since >= SWEEP_EVERY_MS) socket.destroy();
    }
  };
  app.addHook('preClose', async () => {
    sweep();
    const sweeping = setInterval(sweep, SWEEP_EVERY_MS).unref();
    const late = setTimeout(() => app.server.closeAllConnections(), app.server.requestTimeout).unref();
    app.server.once('close', () => {
      clearInterval(sweeping);
      clearTimeout(late);
    });
  });
});
