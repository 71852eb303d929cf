import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { startApp } from './helper.ts';

const anonymous = { access: 'anonymous' as const };
const body = Type.Object({ name: Type.String({ maxLength: 100 }) }, { additionalProperties: false });
const params = Type.Object({ id: Type.String({ maxLength: 100 }) });

test.each([
  [{ payload: '{"name": "a"', type: 'application/json' }, 400, 'invalid-request'],
  [{ payload: '', type: 'application/json' }, 400, 'invalid-request'],
  [{ payload: '{"name": 1}', type: 'application/json' }, 400, 'invalid-request'],
  [{ payload: 'name=a', type: 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
  [
    { payload: JSON.stringify({ name: 'a'.repeat(1024 * 1024) }), type: 'application/json' },
    413,
    'payload-too-large',
  ],
])('responds to an invalid body with a problem: case %#', async ({ payload, type }, status, problem) => {
  const app = await startApp((it) => {
    it.post('/things', { config: anonymous, schema: { body } }, async () => ({}));
  });
  const headers = { 'content-type': type };
  const response = await app.inject({ method: 'POST', url: '/things', headers, payload });
  expect([response.statusCode, response.headers['content-type'], response.json().type]).toEqual([
    status,
    'application/problem+json; charset=utf-8',
    `urn:meshmart:problem:${problem}`,
  ]);
});

test('a failure reveals neither its cause nor its stack', async () => {
  const app = await startApp((it) => {
    it.get('/fails', { config: anonymous }, async () => {
      throw new Error('password=secret');
    });
  });
  const response = await app.inject('/fails');
  expect(response.json()).toEqual({
    type: 'urn:meshmart:problem:internal',
    title: 'Something went wrong',
    status: 500,
    instance: '/fails',
  });
});

test('a route without `access` stops the start', async () => {
  await expect(startApp((it) => void it.get('/open', async () => ({})))).rejects.toThrow(
    'GET /open does not declare config.access',
  );
});

test('every response, even an error, has x-served-by and nosniff', async () => {
  const app = await startApp();
  const { headers } = await app.inject('/nowhere');
  expect([headers['x-served-by'], headers['x-content-type-options']]).toEqual(['test/v1', 'nosniff']);
});

test('readiness follows its checks and fails while draining; liveness does neither', async () => {
  const app = await startApp();
  let isUp = false;
  app.addReadinessCheck(async () => {
    if (!isUp) throw new Error('the database is away');
  });
  const statuses = async () => [
    (await app.inject('/health/live')).statusCode,
    (await app.inject('/health/ready')).statusCode,
  ];
  expect(await statuses()).toEqual([200, 503]);
  isUp = true;
  expect(await statuses()).toEqual([200, 200]);
  app.failReadiness();
  expect(await statuses()).toEqual([200, 503]);
});

test('serves its API documentation', async () => {
  const app = await startApp((it) => {
    it.get('/things', { config: anonymous, schema: { operationId: 'listThings' } }, async () => ({}));
  });
  expect((await app.inject('/docs')).body).toContain('swagger-ui');
  expect((await app.inject('/docs/')).statusCode).toBe(404);
  expect((await app.inject('/docs/json')).json().paths['/things'].get.operationId).toBe('listThings');
});

test.each(['/things/%ZZ', `/things/${'a'.repeat(200)}`])('responds to %s with a problem', async (path) => {
  const app = await startApp((it) => {
    it.get('/things/:id', { config: anonymous, schema: { params } }, async () => ({}));
  });
  const response = await app.inject(`${path}?card=4111`);
  expect([response.headers['content-type'], response.headers['x-served-by'], response.json().type]).toEqual([
    'application/problem+json; charset=utf-8',
    'test/v1',
    'urn:meshmart:problem:invalid-request',
  ]);
  expect(response.body).not.toContain('4111');
});
