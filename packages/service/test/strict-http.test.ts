import { type AddressInfo, connect } from 'node:net';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { problemOf } from '../src/test-problem.ts';
import { readResponse, startApp } from './helper.ts';

const anonymous = { access: 'anonymous' as const };
const params = Type.Object({ id: Type.String({ maxLength: 9 }) });

const startThings = () =>
  startApp((it) => {
    it.get('/things', { config: anonymous }, async () => ({ items: [] }));
    it.post('/things', { config: anonymous }, async ({ body }) => body);
    it.delete('/things/:id', { config: anonymous, schema: { params } }, async () => ({}));
  });

test.each([
  ['PUT', '/things', 405, 'method-not-allowed', 'GET, HEAD, POST'],
  ['TRACE', '/things?a=1', 405, 'method-not-allowed', 'GET, HEAD, POST'],
  ['QUERY', '/things/1', 405, 'method-not-allowed', 'DELETE'],
  ['OPTIONS', '/things/1', 405, 'method-not-allowed', 'DELETE'],
  ['POST', '/nothing', 404, 'not-found', undefined],
  ['GET', '/things/1/more', 404, 'not-found', undefined],
  ['GET', '/health/live/', 404, 'not-found', undefined],
] as const)('%s %s is %i', async (method, url, status, problem, allow) => {
  const app = await startThings();
  const response = await app.inject({ method: method as 'GET', url });
  expect([response.statusCode, response.json().type, response.headers.allow]).toEqual([
    status,
    `urn:meshmart:problem:${problem}`,
    allow,
  ]);
});

test.each([
  ['application/json', Buffer.from('{"name": "a\xff"}', 'latin1'), 400, 'invalid-request'],
  ['text/plain', '{"name": "a"}', 415, 'unsupported-media-type'],
])('refuses %s that is %o', async (type, payload, status, problem) => {
  const app = await startThings();
  const headers = { 'content-type': type };
  const response = await app.inject({ method: 'POST', url: '/things', headers, payload });
  expect(problemOf(response)).toEqual([status, problem]);
});

/** Sends raw text to an app that listens, since `inject` bypasses Node's parser. */
async function send(request: string) {
  const app = await startThings();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1', () =>
    socket.write(request),
  );
  const { head, body } = await readResponse(socket);
  return [head[0], body];
}

test('a missing Host header is a problem', async () => {
  expect(await send('GET /things HTTP/1.1\r\nconnection: close\r\n\r\n')).toEqual([
    'HTTP/1.1 400 Bad Request',
    expect.objectContaining({ detail: 'the Host header is missing' }),
  ]);
});

test('serves requests with an unknown Expect header', async () => {
  expect(
    await send('GET /things HTTP/1.1\r\nhost: test\r\nexpect: a miracle\r\nconnection: close\r\n\r\n'),
  ).toEqual(['HTTP/1.1 200 OK', { items: [] }]);
});
