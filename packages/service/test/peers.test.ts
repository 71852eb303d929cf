import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPeer, createPeerFetch, expectOk } from '../src/peers.ts';

interface Paths {
  '/things': {
    get: { responses: { 200: { content: { 'application/json': { host: string } } } } };
  };
}

/** Starts a fake sidecar: an HTTP server on a Unix socket. */
async function startSidecar(listener: RequestListener) {
  const directory = await mkdtemp(join(tmpdir(), 'meshmart-peer-'));
  const path = join(directory, 'outbound.sock');
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  });
  return createPeer<Paths>('http://product', createPeerFetch({ MESH_OUTBOUND_SOCKET: path }));
}

test("calls a peer through the sidecar's socket with the peer's name as Host", async () => {
  const peer = await startSidecar((request, response) => {
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ host: request.headers.host }));
  });
  expect(expectOk(await peer.GET('/things'))).toEqual({ host: 'product' });
});

test('a peer that fails or disconnects becomes a 503, with its response in the log', async () => {
  const failing = await startSidecar((_request, response) => {
    response.writeHead(500, { 'content-type': 'application/problem+json' }).end('{"detail":"secret"}');
  });
  const response = await failing.GET('/things');
  const cause = expect.objectContaining({ message: 'a proxy responded with 500: {"detail":"secret"}' });
  expect(() => expectOk(response)).toThrow(
    expect.objectContaining({ status: 503, detail: undefined, cause }),
  );

  const hangingUp = await startSidecar((request) => void request.socket.destroy());
  await expect(hangingUp.GET('/things')).rejects.toMatchObject({ status: 503 });

  const breakingOff = await startSidecar((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"host":');
    setTimeout(() => response.destroy(), 50);
  });
  await expect(breakingOff.GET('/things')).rejects.toMatchObject({ status: 503 });
});

test("a response that is not JSON does not count as the peer's", async () => {
  const portal = await startSidecar((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<p>Log in to use this network</p>');
  });
  await expect(portal.GET('/things')).rejects.toMatchObject({ status: 503 });
});
