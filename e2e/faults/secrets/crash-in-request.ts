// Preloaded into a service's process (`--import`), never part of a service. Crashes the process by an uncaught error
// during the request with this header.
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage };
  if (request.headers['x-crash'] === undefined) return;
  request.once('end', () =>
    setImmediate(() => {
      throw new Error('a mistake that nobody catches');
    }),
  );
});
