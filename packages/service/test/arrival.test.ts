import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../src/app.ts';
import { readAnswer, startApp } from './helper.ts';

const HEAD = 'POST /things HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n';

/** An app that really listens and is less patient than in earnest. */
async function listen(addMore: (it: App) => void = () => {}) {
  const app = await startApp((it) => {
    it.post('/things', { config: { access: 'anonymous' } }, async () => ({}));
    addMore(it);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  /** A connection that sends this, and then a byte now and then for ever. */
  const trickle = (start: string) => {
    let timer: NodeJS.Timeout | undefined;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(start);
      const more = () => socket.writable && socket.write('a');
      timer = setInterval(() => setImmediate(more), 50); // after what has come was read: a write that fails throws it away
    });
    socket.on('error', () => {}); // it may be closed while a byte is on its way
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

test('cuts off who trickles headers or a body, and nobody else', async () => {
  const { app, port, trickle } = await listen();
  expect([app.server.headersTimeout, app.server.requestTimeout]).toEqual([15_000, 30_000]);
  app.server.headersTimeout = 100;
  app.server.requestTimeout = 200;
  const unused = connect(port, '127.0.0.1');
  const headers = trickle(`${HEAD}x-slow: `);
  const body = trickle(`${HEAD}content-length: 60000\r\n\r\n"`);
  const tooSlow = problem('408 Request Timeout', 'request-timeout');
  expect(await Promise.all([headers, body].map(readAnswer))).toMatchObject([tooSlow, tooSlow]);

  // Its first request comes later than any request may take to arrive.
  unused.write(`${HEAD}content-length: 2\r\n\r\n{}`);
  const [response] = await once(unused, 'data');
  expect(String(response)).toMatch(/^HTTP\/1.1 200 /);
  unused.destroy();
});

test('answers too large headers and what is no HTTP with a problem', async () => {
  const { trickle } = await listen();
  const large = trickle(`${HEAD}x-large: ${'a'.repeat(20_000)}`);
  expect(await readAnswer(large)).toMatchObject(
    problem('431 Request Header Fields Too Large', 'headers-too-large'),
  );
  expect(await readAnswer(trickle('EHLO test\r\n'))).toMatchObject(
    problem('400 Bad Request', 'invalid-request'),
  );
});

test('keeps a connection longer than a proxy does, which is an hour', async () => {
  const { app } = await listen();
  const { keepAliveTimeout, timeout } = app.server;
  expect(Math.min(keepAliveTimeout, timeout)).toBeGreaterThan(3_600_000);
});

test('does not wait at its end for a connection that was never used', async () => {
  const { app, port } = await listen();
  const unused = connect(port, '127.0.0.1');
  onTestFinished(() => void unused.destroy());
  await once(unused, 'connect');
  await app.close();
});

test('does not wait at its end for a connection that came meanwhile', async () => {
  const { app, port } = await listen((it) => {
    it.addHook('preClose', async () => {
      const late = connect(port, '127.0.0.1');
      onTestFinished(() => void late.destroy());
      await once(late, 'connect');
    });
  });
  await app.close();
});

test('does not wait at its end for who trickles a body', async () => {
  const { app, trickle } = await listen();
  app.server.requestTimeout = 200;
  const received = once(app.server, 'request');
  trickle(`${HEAD}content-length: 60000\r\n\r\n"`);
  await received;
  await app.close();
});
