import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

const SWEEP_EVERY_MS = 1000;

/**
 * Closes unused connections when the app closes. Node counts a connection without a request as busy, and a proxy keeps
 * it open for an hour, so the service would not exit until then. New ones may arrive until the server is closed. Node
 * no longer enforces the request timeout during this time, so all connections are closed after that timeout.
 */
export const closeIdleConnections = fp(async (app: FastifyInstance) => {
  const sockets = new Map<Socket, number>();
  app.server.on('connection', (socket) => {
    sockets.set(socket, Date.now());
    socket.once('close', () => sockets.delete(socket));
  });
  const sweep = () => {
    for (const [socket, since] of sockets) {
      // The first request may be in flight.
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
