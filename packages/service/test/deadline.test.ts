import { setTimeout as sleep } from 'node:timers/promises';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { withoutCaller } from '../src/deadline.ts';
import { createPeer, createPeerFetch } from '../src/peers.ts';
import { startApp } from './helper.ts';

const config = { access: 'anonymous' as const };
const paths = {
  '/slow': { get: { responses: { 200: {} } } },
  '/soon': { get: { responses: { 200: {} } } },
};

/** Starts a peer that only responds on `/soon`, and an app whose `/ask` calls it. */
async function startChain(background = false) {
  const headers: (string | undefined)[] = [];
  const hungUp = Promise.withResolvers<void>();
  const peer = fastify({ forceCloseConnections: true });
  peer.get('/slow', async (request) => {
    headers.push(request.headers['x-meshmart-deadline-ms'] as string | undefined);
    request.raw.socket.once('close', hungUp.resolve);
    await new Promise(() => {});
  });
  peer.get('/soon', () => sleep(100, {}));
  onTestFinished(() => peer.close());
  const url = await peer.listen({ host: '127.0.0.1', port: 0 });
  const peerFetch = createPeerFetch({});
  onTestFinished(() => peerFetch.close());
  const client = createPeer<typeof paths>(url, peerFetch, 2000);
  const app = await startApp((it) => {
    it.get('/ask', { config }, async () => {
      const ask = () => client.GET('/slow');
      return background ? withoutCaller(ask) : ask();
    });
    it.post('/ask', { config }, async () => (await client.GET('/soon')).response.status);
    it.get('/sleep', { config }, () => sleep(10_000));
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  return { app, headers, hungUp: hungUp.promise, address: `http://127.0.0.1:${port}` };
}

test('a peer learns how long the caller still waits, and the call ends by then', async () => {
  const { app, headers } = await startChain();
  const response = await app.inject({ url: '/ask', headers: { 'x-meshmart-deadline-ms': '1500' } });
  expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2']);
  expect(Number(headers[0])).toBeGreaterThan(0);
  expect(Number(headers[0])).toBeLessThanOrEqual(1500);
});

test.each([{}, { 'x-meshmart-deadline-ms': 'soon' }])(
  'a missing or invalid deadline means the default: %j',
  async (given) => {
    const { app, headers } = await startChain();
    await app.inject({ url: '/ask', headers: given });
    expect(headers).toEqual(['2000']);
  },
);

test("work that must finish ignores the caller's deadline", async () => {
  const { app, headers } = await startChain(true);
  await app.inject({ url: '/ask', headers: { 'x-meshmart-deadline-ms': '300' } });
  expect(headers).toEqual(['2000']);
});

test('a request whose caller has given up is refused, and its handler does not run', async () => {
  const { app, headers } = await startChain();
  const response = await app.inject({ url: '/ask', headers: { 'x-meshmart-deadline-ms': '0' } });
  expect([response.statusCode, headers]).toEqual([503, []]);
});

test('a caller that hangs up ends the call to the peer', async () => {
  const { address, headers, hungUp } = await startChain();
  const gone = new AbortController();
  const asked = fetch(`${address}/ask`, { signal: gone.signal }).catch(() => {});
  while (headers.length === 0) await sleep(10);
  const abortedAt = performance.now();
  gone.abort();
  await Promise.all([asked, hungUp]);
  expect(performance.now() - abortedAt).toBeLessThan(1500); // otherwise the call would go on for 2 s
});

test('a caller whose body has been read still waits', async () => {
  const { address } = await startChain();
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${address}/ask`, { method: 'POST', headers, body: '{"quantity":1}' });
  expect([response.status, await response.text()]).toEqual([200, '200']);
});

test('a handler that takes too long returns 503 and Retry-After', async () => {
  const { app } = await startChain();
  const response = await app.inject('/sleep');
  expect([response.statusCode, response.headers['retry-after'], response.json().type]).toEqual([
    503,
    '2',
    'urn:meshmart:problem:unavailable',
  ]);
});
