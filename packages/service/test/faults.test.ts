import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createApp } from '../src/app.ts';
import type { ServiceConfig } from '../src/config.ts';
import type { Faults } from '../src/faults.ts';
import { testConfig } from './test-config.ts';

const noFaults = { errorRate: 0, delayMs: 0, delayRate: 1, dropAfterCommitRate: 0 };

/** Starts a service that counts finished runs of its handler, and returns it with its admin socket. */
async function startService(
  extra: Partial<ServiceConfig> = {},
  where?: Partial<ServiceConfig>,
  handlerTimeoutMs = 3000,
) {
  const folder = await mkdtemp(join(tmpdir(), 'meshmart-faults-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const appSocket = join(folder, 'app.sock');
  const adminSocket = join(folder, 'faults.sock');
  const config = { ...testConfig, ...(where ?? { FAULTS_SOCKET: adminSocket }), ...extra };
  const app = await createApp({ name: 'test', description: 'A test.', config, handlerTimeoutMs });
  const work = { done: 0 };
  const anonymous = { config: { access: 'anonymous' as const } };
  app.post('/work', anonymous, async () => {
    await sleep(10); // a connection that closes too early would be noticed
    return { done: ++work.done };
  });
  const body = Readable.from(['some', 'thing']);
  app.get('/stream', anonymous, async (_request, reply) => reply.send(body));
  onTestFinished(() => app.close());
  await app.listen({ path: appSocket });

  const dispatcher = new Agent({ connect: { socketPath: adminSocket } });
  const admin = async (method: 'GET' | 'PUT' | 'DELETE', payload?: unknown, path = '/faults') => {
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const init = { method, headers, dispatcher, ...(text === undefined ? {} : { body: text }) };
    const response = await request(`http://admin${path}`, init);
    const type = response.headers['content-type'];
    return { status: response.statusCode, type, body: (await response.body.json()) as object };
  };
  const injectFaults = (faults: Partial<Faults>) => admin('PUT', faults);
  const post = () => app.inject({ method: 'POST', url: '/work' });
  const appDispatcher = new Agent({ connect: { socketPath: appSocket } });
  const send = () => request('http://test/work', { method: 'POST', dispatcher: appDispatcher });
  return { app, folder, appSocket, adminSocket, admin, injectFaults, post, send, work, body };
}

/** Reads a connection until the other side closes it. */
function exchangeBytes(socketPath: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = createConnection(socketPath, () => socket.write(`${line} HTTP/1.1\r\nhost: test\r\n\r\n`));
    socket.setEncoding('utf8').on('data', (text) => {
      received += text;
    });
    socket.once('error', reject).once('close', () => resolve(received));
  });
}

test('starts without faults, takes some, replaces them by the next, and clears them', async () => {
  const { admin } = await startService();
  expect((await admin('GET')).body).toEqual(noFaults);
  expect((await admin('PUT', { errorRate: 0.5, delayMs: 20 })).body).toEqual({
    ...noFaults,
    errorRate: 0.5,
    delayMs: 20,
  });
  await admin('PUT', { dropAfterCommitRate: 1 });
  expect((await admin('GET')).body).toEqual({ ...noFaults, dropAfterCommitRate: 1 });
  expect((await admin('DELETE')).body).toEqual(noFaults);
  expect((await admin('GET')).body).toEqual(noFaults);
});

test('logs a change of faults, but not a repetition', async () => {
  const { app, injectFaults } = await startService();
  const warn = vi.spyOn(app.log, 'warn');
  await injectFaults({ errorRate: 0.5 });
  await injectFaults({ errorRate: 0.5 });
  expect(warn).toHaveBeenCalledTimes(1);
  await injectFaults({});
  expect(warn).toHaveBeenCalledTimes(2);
});

test('an error is a 503 problem, and the handler has not run', async () => {
  const { injectFaults, post, work } = await startService();
  await injectFaults({ errorRate: 1 });
  const response = await post();
  expect(response.json()).toEqual({
    type: 'urn:meshmart:problem:unavailable',
    title: 'The service is temporarily unavailable',
    status: 503,
    detail: 'injected fault',
    instance: '/work',
  });
  expect([response.headers['x-served-by'], work.done]).toEqual(['test/v1', 0]);
});

test('a delay holds a request back before its handler runs', async () => {
  const { injectFaults, send, work } = await startService();
  await injectFaults({ delayMs: 400 });
  const startedAt = performance.now();
  const response = send();
  await sleep(100);
  expect(work.done).toBe(0);
  expect(await (await response).body.json()).toEqual({ done: 1 });
  expect(performance.now() - startedAt).toBeGreaterThan(398);
});

test('a delay does not count towards the time limit of the handler', async () => {
  const { injectFaults, send } = await startService({}, undefined, 100);
  await injectFaults({ delayMs: 400 });
  expect((await send()).statusCode).toBe(200);
});

test('a delay for a share of the requests delays that share and no others', async () => {
  const { injectFaults, send } = await startService();
  await injectFaults({ delayMs: 5000, delayRate: 0.3 }); // longer than any request takes on a busy machine
  const n = 400;
  const startedAt = performance.now();
  const tookMs = await Promise.all(
    Array.from({ length: n }, async () => {
      await (await send()).body.dump();
      return performance.now() - startedAt;
    }),
  );
  const share = tookMs.filter((ms) => ms >= 4998).length / n;
  // Four standard deviations: one run in 16,000 fails by chance.
  expect(Math.abs(share - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / n));
});

test('a dropped response: the handler has finished, and the connection is closed without a byte', async () => {
  const { injectFaults, appSocket, work, body } = await startService();
  await injectFaults({ dropAfterCommitRate: 1 });
  expect(await exchangeBytes(appSocket, 'POST /work')).toBe('');
  expect(work.done).toBe(1);
  expect(await exchangeBytes(appSocket, 'GET /stream')).toBe('');
  expect(body.destroyed).toBe(true);
  expect(await exchangeBytes(appSocket, 'GET /nowhere')).toBe('');
});

test('each kind affects its share of many requests', async () => {
  const { injectFaults, appSocket, work } = await startService();
  await injectFaults({ errorRate: 0.3, dropAfterCommitRate: 0.1 });
  const dispatcher = new Agent({ connect: { socketPath: appSocket }, connections: 20 });
  const n = 4000;
  const outcomes = await Promise.all(
    Array.from({ length: n }, async () => {
      try {
        const { statusCode, body } = await request('http://test/work', { method: 'POST', dispatcher });
        await body.dump();
        return statusCode;
      } catch {
        return 'closed';
      }
    }),
  );
  const count = (outcome: unknown) => outcomes.filter((one) => one === outcome).length;
  // Four standard deviations: one run in 16,000 fails by chance.
  const toleranceOf = (p: number) => 4 * Math.sqrt((p * (1 - p)) / n);
  expect(Math.abs(count(503) / n - 0.3)).toBeLessThan(toleranceOf(0.3));
  expect(Math.abs(count('closed') / n - 0.1)).toBeLessThan(toleranceOf(0.1));
  expect([count(200) + count('closed'), n - count(503)]).toEqual([work.done, work.done]);
});

test('probes and metrics respond at once in spite of faults', async () => {
  const { appSocket, injectFaults } = await startService();
  const dispatcher = new Agent({ connect: { socketPath: appSocket } });
  const ask = async (path: string) => {
    const { statusCode, body } = await request(`http://test${path}`, { dispatcher });
    await body.dump();
    return statusCode;
  };
  const paths = ['/health/live', '/health/ready', '/metrics'];
  const withoutFaults = await Promise.all(paths.map(ask));
  for (const faults of [{ errorRate: 1 }, { dropAfterCommitRate: 1 }, { delayMs: 60_000 }]) {
    await injectFaults(faults);
    expect(await Promise.all(paths.map(ask))).toEqual(withoutFaults);
  }
  expect(withoutFaults.slice(0, 2)).toEqual([200, 200]);
});

test.each([
  [{ errorRate: 1.1 }, '/body/errorRate'],
  [{ errorRate: -0.1 }, '/body/errorRate'],
  [{ errorRate: '0.3' }, '/body/errorRate'],
  [{ dropAfterCommitRate: null }, '/body/dropAfterCommitRate'],
  [{ delayMs: 60_001 }, '/body/delayMs'],
  [{ delayMs: 1.5 }, '/body/delayMs'],
  [{ delayMs: 5, delayRate: 1.5 }, '/body/delayRate'],
  [{ errorRat: 0.3 }, '/body/errorRat'],
  [[], '/body'],
  ['{"errorRate": 1e999}', '/body/errorRate'],
])('refuses %j, and changes nothing', async (payload, pointer) => {
  const { admin, injectFaults } = await startService();
  await injectFaults({ delayMs: 7 });
  const { status, type, body } = await admin('PUT', payload);
  expect([status, type]).toEqual([400, 'application/problem+json; charset=utf-8']);
  expect(body).toMatchObject({
    type: 'urn:meshmart:problem:invalid-request',
    instance: '/faults',
    errors: [{ pointer }],
  });
  expect((await admin('GET')).body).toEqual({ ...noFaults, delayMs: 7 });
});

test('responds to invalid JSON, a missing body and another path with a problem', async () => {
  const { admin } = await startService();
  const responses = [await admin('PUT', '{'), await admin('PUT'), await admin('GET', undefined, '/products')];
  expect(responses.map(({ status, type }) => [status, type])).toEqual([
    [400, 'application/problem+json; charset=utf-8'],
    [400, 'application/problem+json; charset=utf-8'],
    [404, 'application/problem+json; charset=utf-8'],
  ]);
});

test('starts with the faults of its configuration', async () => {
  const { admin, post } = await startService({ FAULTS: '{"errorRate": 1}' });
  expect((await admin('GET')).body).toEqual({ ...noFaults, errorRate: 1 });
  expect((await post()).statusCode).toBe(503);
});

test.each([['{'], ['{"errorRate": 2}'], ['{"errorRate": "1"}'], ['{"errorRat": 1}'], ['[]'], ['null']])(
  'does not start with the faults %s',
  async (FAULTS) => {
    await expect(startService({ FAULTS })).rejects.toThrow('FAULTS must be JSON like');
  },
);

test('injects nothing without an admin listener, and refuses faults that nobody could clear', async () => {
  const { app, folder, post } = await startService({}, {});
  expect(await readdir(folder)).toEqual(['app.sock']);
  expect((await app.inject('/faults')).statusCode).toBe(404);
  expect((await post()).statusCode).toBe(200);
  await expect(startService({ FAULTS: '{"errorRate": 1}' }, {})).rejects.toThrow(
    'FAULTS needs FAULTS_SOCKET or FAULTS_PORT',
  );
});

test('the service itself has no such route; only the owner can use the admin socket, which closes with the service', async () => {
  const { app, adminSocket } = await startService();
  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    expect((await app.inject({ method, url: '/faults', payload: {} })).statusCode).toBe(404);
  }
  expect((await stat(adminSocket)).mode & 0o777).toBe(0o600);
  await app.close();
  await expect(stat(adminSocket)).rejects.toThrow('ENOENT');
});

test('a port is on 127.0.0.1 and on no other address', async () => {
  const free = await createApp({ name: 'free', description: 'Finds a free port.', config: testConfig });
  const port = Number(new URL(await free.listen({ host: '127.0.0.1', port: 0 })).port);
  await free.close();
  await startService({}, { FAULTS_PORT: port });
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/faults`);
  expect([statusCode, await body.json()]).toEqual([200, noFaults]);
  await expect(request(`http://127.0.0.2:${port}/faults`)).rejects.toThrow('ECONNREFUSED');
});
