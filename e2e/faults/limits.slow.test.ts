import { connect, constants } from 'node:http2';
import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@meshmart/test-support/eventually';
import { Agent, request } from 'undici';
import { expect, onTestFinished } from 'vitest';
import type { RunningStore } from '../running-store.ts';
import { test } from '../shared-store.ts';
import { scale } from './scale.ts';
import { openSlowCrowd } from './slow-crowd.ts';

const size = scale(50, 500);
const lookEveryMs = scale(100, 10);
/** Maximum number of reads that get 504: on a busy machine a read may exceed its timeout. */
const tolerated = scale(2, 0);
/** A service allows 30 s for a body, and the gateway 60 s for headers; a busy machine may cut off later. */
const timeoutMs = 300_000;

const dispatcher = new Agent({ connections: 1 });
let store: RunningStore;

test.beforeAll(({ store: running }) => {
  store = running;
});
test.afterAll(() => dispatcher.close());

/** Reads the catalogue repeatedly. @returns the status of each read, and a summary */
async function lookUntil(isOver: (looks: number) => boolean) {
  const statuses: number[] = [];
  const times: number[] = [];
  while (!isOver(times.length)) {
    const from = performance.now();
    const answer = await request(`http://127.0.0.1:${store.port}/products?limit=20`, { dispatcher });
    await answer.body.dump();
    times.push(performance.now() - from);
    statuses.push(answer.statusCode);
    await sleep(lookEveryMs);
  }
  const median = times.toSorted((a, b) => a - b)[times.length >> 1];
  return { statuses, summary: `${times.length} looks of ${median?.toFixed(1)} ms` };
}

interface Attempt {
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

const json = { 'content-type': 'application/json' };
const manyHeaders = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x-${i}`, '1']));

test.each<[what: string, attempt: Attempt, status: number, by: string | undefined]>([
  ['a header of 20 kB', { headers: { 'x-large': 'a'.repeat(20_000) } }, 431, 'product/v1'],
  ['a query of 20 kB', { path: `/products?q=${'a'.repeat(20_000)}` }, 431, 'product/v1'],
  ['a query of 2 kB', { path: `/products?q=${'a'.repeat(2_000)}` }, 400, 'product/v1'],
  ['a page of 101', { path: '/products?limit=101' }, 400, 'product/v1'],
  ['a body of 70 kB', { path: '/users', headers: json, body: 'a'.repeat(70_000) }, 413, 'user/v1'],
  ['a header of 70 kB', { headers: { 'x-large': 'a'.repeat(70_000) } }, 431, undefined],
  ['more than 100 headers', { headers: manyHeaders }, 431, undefined],
  ['a header whose name some read as another', { headers: { end_user: 'jason' } }, 400, undefined],
  ['a path that some read as another', { path: '/products%2F..%2Forders' }, 307, undefined],
])('refuses %s', async (_what, { path = '/products', ...attempt }, status, by) => {
  const url = `http://127.0.0.1:${store.port}${path}`;
  const answer = await request(url, { method: attempt.body ? 'POST' : 'GET', ...attempt, dispatcher });
  await answer.body.dump();
  expect([answer.statusCode, answer.headers['x-served-by']]).toEqual([status, by]);
});

// Envoy ends the connection after 250 resets, against CVE-2023-44487 (HTTP/2 rapid reset).
test('the gateway ends a connection that cancels all its requests at once', async () => {
  const session = connect(`http://127.0.0.1:${store.port}`);
  onTestFinished(() => session.destroy());
  session.on('error', () => {}); // ended while requests were in progress
  let requests = 0;
  while (!session.closed && !session.destroyed) {
    const stream = session.request({ ':path': '/products' });
    stream.on('error', () => {});
    stream.close(constants.NGHTTP2_CANCEL);
    requests++;
    await setImmediate();
  }
  console.log(`the connection ended after ${requests} requests`);
});

test(
  `${size} clients each with slow headers, bodies and reads: slow senders are cut off, others are served`,
  async () => {
    const calm = await lookUntil((looks) => looks === scale(100, 500));

    // A route without a limit per address, since the whole crowd shares one.
    const post = 'POST /sessions/refresh HTTP/1.1\r\nhost: store\r\ncontent-type: application/json\r\n';
    const get = 'GET /products?limit=100 HTTP/1.1\r\nhost: store\r\n\r\n';
    const open = async (crowd: Parameters<typeof openSlowCrowd>[2]) => {
      const opened = await openSlowCrowd(store.port, size, crowd);
      onTestFinished(() => opened.leave());
      return opened;
    };
    const headers = await open({ start: `${post}x-slow: `, slowIn: 'sending' });
    const body = await open({ start: `${post}content-length: 60000\r\n\r\n"`, slowIn: 'sending' });
    const readers = await open({ start: get, slowIn: 'reading' });

    const crowded = await lookUntil(() => body.countOpen() < size);
    const cuttingOff = await lookUntil(() => body.countOpen() + headers.countOpen() === 0);
    console.log(`calm ${calm.summary}; in the crowd ${crowded.summary}, then ${cuttingOff.summary}`);
    for (const { statuses } of [calm, crowded, cuttingOff]) {
      expect(statuses).toContain(200);
      const late = statuses.filter((status) => status === 504).length;
      expect(late).toBeLessThanOrEqual(tolerated);
      expect(statuses.filter((status) => status !== 200)).toHaveLength(late);
    }

    const timedOut = /^HTTP\/1\.1 408 /;
    expect(headers.answers().filter((answer) => !timedOut.test(answer))).toEqual([]);
    // The response comes from the user service, not from a proxy.
    const timedOutByUser =
      /^HTTP\/1\.1 408 .*\r\nx-served-by: user\/v1\r\n.*"urn:meshmart:problem:request-timeout"/s;
    expect(body.answers().filter((answer) => !timedOutByUser.test(answer))).toEqual([]);
    readers.read();
    await eventually(() =>
      readers.answers().every((answer) => /^HTTP\/1\.1 200 .*"nextCursor"/s.test(answer)),
    );
  },
  timeoutMs,
);
