import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../src/app.ts';
import { readResponse, startApp } from './helper.ts';

const HEAD = 'POST /things HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n';

/** Starts an app that listens, with short time limits. */
async function listen(addMore: (it: App) => void = () => {}) {
  const app = await startApp((it) => {
    it.post('/things', { config: { access: 'anonymous' } }, async () => ({}));
    addMore(it);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  /** Opens a connection that sends this and then single bytes for ever. */
  const trickle = (start: string) => {
    let timer: NodeJS.Timeout | undefined;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(start);
      const more = () => socket.writable && socket.write('a');
      timer = setInterval(() => setImmediate(more), 50); // after the read, since a failed write discards received data
    });
    socket.on('error', () => {}); // it may be closed while a byte is in flight
    onTestFinished(() => {
      clearInterval(timer);
      socket.destroy();
    });
    return socket;
  };
  return { app, port, trickle };
}

const problem = (status: string, type: string) => ({
  head: expect.arrayContaining([
    `HTTP/1.1 ${status}`,
    'content-type: application/problem+json; charset=utf-8',
    'x-served-by: test/v1',
    'x-content-type-options: nosniff',
    'connection: close',
  ]),
  body: expect.objectContaining({ type: `urn:meshmart:problem:${type}` }),
});

test('closes connections that trickle headers or a body, and no others', async () => {
  const { app, port, trickle } = await listen();
  expect([app.server.headersTimeout, app.server.requestTimeout]).toEqual([15_000, 30_000]);
  app.server.headersTimeout = 100;
  app.server.requestTimeout = 200;
  const unused = connect(port, '127.0.0.1');
  const headers = trickle(`${HEAD}x-slow: `);
  const body = trickle(`${HEAD}content-length: 60000\r\n\r\n"`);
  const tooSlow = problem('408 Request Timeout', 'request-timeout');
  expect(await Promise.all([headers, body].map(readResponse))).toMatchObject([tooSlow, tooSlow]);

  // Its first request begins after the request timeout.
  unused.write(`${HEAD}content-length: 2\r\n\r\n{}`);
  const [response] = await once(unused, 'data');
  expect(String(response)).toMatch(/^HTTP\/1.1 200 /);
  unused.destroy();
});

test('responds to too large headers and to non-HTTP with a problem', async () => {
  const { trickle } = await listen();
  const large = trickle(`${HEAD}x-large: ${'a'.repeat(20_000)}`);
  expect(await readResponse(large)).toMatchObject(
    problem('431 Request Header Fields Too Large', 'headers-too-large'),
  );
  expect(await readResponse(trickle('EHLO test\r\n'))).toMatchObject(
    problem('400 Bad Request', 'invalid-request'),
  );
});

test("keeps idle connections for longer than a proxy's hour", async () => {
  const { app } = await listen();
  const { keepAliveTimeout, timeout } = app.server;
  expect(Math.min(keepAliveTimeout, timeout)).toBeGreaterThan(3_600_000);
});

test('closes without waiting for a connection that was never used', async () => {
  const { app, port } = await listen();
  const unused = connect(port, '127.0.0.1');
  onTestFinished(() => void unused.destroy());
  await once(unused, 'connect');
  await app.close();
});

test('closes without waiting for a connection that arrived meanwhile', async () => {
  const { app, port } = await listen((it) => {
    it.addHook('preClose', async () => {
      const late = connect(port, '127.0.0.1');
      onTestFinished(() => void late.destroy());
      await once(late, 'connect');
    });
  });
  await app.close();
});

test('closes without waiting for a trickled body', async () => {
  const { app, trickle } = await listen();
  app.server.requestTimeout = 200;
  const received = once(app.server, 'request');
  trickle(`${HEAD}content-length: 60000\r\n\r\n"`);
  await received;
  await app.close();
});
