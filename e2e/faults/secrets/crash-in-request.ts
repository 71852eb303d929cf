// Preloaded into a service's process (`--import`), never part of a service: makes it die of an error that nobody catches, while
// the request with this header, and whatever else came with it, is being worked on.
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
