import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@meshmart/test-support/eventually';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import type { RunningStore } from '../running-store.ts';
import { test } from '../shared-store.ts';
import { scale } from './scale.ts';

const pairs = scale(20, 1000);
const looks = scale(200, 2000);
const floodSize = 100;
/** On a busy machine, the service or the gateway also refuses logins for lack of time. */
const refusable = scale(['429', '503', '504'], ['429']);
/** Rate and duration of the bad logins from one address. */
const flood = scale({ perSecond: 200, seconds: 5 }, { perSecond: 1000, seconds: 30 });
const timeoutMs = 30 * 60_000;

const dispatchers = new Map<number, Agent>();
let store: RunningStore;

test.beforeAll(async ({ store: running }) => {
  store = running;
  for (const name of ['known', 'flooded']) {
    // On a busy machine an instance may miss its first probes. 409 means that the first response was lost.
    const register = async () => [201, 409].includes((await post('/users', { ...login(name), name })).status);
    await eventually(register, 60_000);
  }
});
test.afterAll(() => Promise.all([...dispatchers.values()].map((one) => one.close())));

/** Returns connections to the gateway from a visitor's own address: on Linux, all of 127.0.0.0/8 is local. */
function comingFrom(visitor: number): Agent {
  const localAddress = `127.1.${visitor >> 8}.${visitor & 255}`;
  const dispatcher = dispatchers.get(visitor) ?? new Agent({ connections: 200, localAddress });
  dispatchers.set(visitor, dispatcher);
  return dispatcher;
}

const login = (name: string) => ({ email: `${name}@meshmart.example`, password: 'correct horse' });

async function post(path: string, content: object, visitor = 0) {
  const dispatcher = comingFrom(visitor);
  const options = { method: 'POST', body: JSON.stringify(content), dispatcher } as const;
  const url = `http://127.0.0.1:${store.port}${path}`;
  const answer = await request(url, { ...options, headers: { 'content-type': 'application/json' } });
  const text = await answer.body.text();
  const isOurs = /json/.test(String(answer.headers['content-type'])); // a proxy answers in plain text
  const { traceId: _, ...body } = isOurs ? JSON.parse(text) : { text };
  return { status: answer.statusCode, body };
}

/** Returns the duration of some work in ms. */
async function measure(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] as number;
}

test(
  `${pairs} failed logins each of a known and an unknown user get the same responses, also beyond the limit`,
  async () => {
    const times = { known: [] as number[], unknown: [] as number[] };
    const statuses: Record<number, number> = {};
    const fail = async (name: keyof typeof times, visitor: number) => {
      const wrong = { email: login(name).email, password: 'wrong' };
      let answer = { status: 0 };
      const took = await measure(async () => {
        answer = await post('/sessions', wrong, visitor);
      });
      times[name].push(took);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      return answer;
    };
    for (let i = 0; i < pairs; i++) {
      // Enough visitors that none exceeds its limit. The order alternates, so that neither user gains by it.
      const visitor = 1 + (i % 200);
      const first = await fail(i % 2 ? 'known' : 'unknown', visitor);
      expect(await fail(i % 2 ? 'unknown' : 'known', visitor)).toEqual(first);
    }
    const median = { known: quantile(times.known, 0.5), unknown: quantile(times.unknown, 0.5) };
    const difference = Math.abs(median.known / median.unknown - 1);
    console.log(
      `medians of ${pairs}: known ${median.known.toFixed(2)} ms, unknown ${median.unknown.toFixed(2)} ms, ${(difference * 100).toFixed(1)} % apart; by status ${JSON.stringify(statuses)}`,
    );
    expect(Object.keys(statuses)).toEqual(scale(['401'], ['401', '429']));
    if (scale(false, true)) expect(difference).toBeLessThan(0.05);
  },
  timeoutMs,
);

test(
  `the catalogue stays usable during repeated logins from ${floodSize} addresses at once`,
  async () => {
    const look = () =>
      measure(async () => {
        const dispatcher = comingFrom(0);
        const answer = await request(`http://127.0.0.1:${store.port}/products?limit=20`, { dispatcher });
        await answer.body.dump();
        expect(answer.statusCode).toBe(200);
      });
    const lookOften = async () => {
      const times: number[] = [];
      while (times.length < looks) times.push(await look());
      return quantile(times, 0.99);
    };
    await lookOften(); // warms up
    const calm = await lookOften();
    const statuses: Record<number, number> = {};
    let isOver = false;
    const keepFlooding = async (_: unknown, i: number) => {
      while (!isOver) {
        const { status } = await post('/sessions', login('flooded'), 1000 + i);
        statuses[status] = (statuses[status] ?? 0) + 1;
        // A refused client honours Retry-After.
        if (status !== 201) await sleep(2000);
      }
    };
    const flood = Array.from({ length: floodSize }, keepFlooding);
    const flooded = await lookOften();
    isOver = true;
    await Promise.all(flood);
    console.log(
      `p99 of ${looks} looks at the catalogue: ${calm.toFixed(1)} ms, in the flood ${flooded.toFixed(1)} ms; logins by status ${JSON.stringify(statuses)}`,
    );
    const { 201: accepted = 0, ...refusals } = statuses;
    expect(accepted).toBeGreaterThan(0);
    expect(refusable).toEqual(expect.arrayContaining(Object.keys(refusals)));
    if (scale(false, true)) expect(flooded / calm).toBeLessThan(2);
  },
  timeoutMs,
);

test(
  `${flood.perSecond} bad logins a second from one address do not affect the logins of others`,
  async () => {
    const logInOften = async (until: () => boolean) => {
      const times: number[] = [];
      while (!until()) {
        for (const visitor of [1, 2, 3, 4]) {
          const took = await measure(async () => {
            expect((await post('/sessions', login('known'), 2000 + visitor)).status).toBe(201);
          });
          times.push(took);
          await sleep(100);
        }
      }
      return times;
    };
    let looked = 0;
    const calm = await logInOften(() => ++looked > 10);
    const statuses: Record<number, number> = {};
    const wrong = { ...login('known'), password: 'wrong' };
    let unsent = 0;
    const sent: Promise<void>[] = [];
    const endsAt = performance.now() + flood.seconds * 1000;
    const sending = (async () => {
      for (let due = performance.now(); due < endsAt; due += 1000 / flood.perSecond) {
        if (due > performance.now()) await sleep(due - performance.now());
        const attempt = post('/sessions', wrong, 3000).then(
          ({ status }) => {
            statuses[status] = (statuses[status] ?? 0) + 1;
          },
          (error) => {
            // Each refusal ends its connection, and an address has about 28,000 ports, each blocked for a minute.
            if (error.code !== 'EADDRINUSE') throw error;
            unsent++;
          },
        );
        sent.push(attempt);
      }
    })();
    const others = await logInOften(() => performance.now() >= endsAt);
    await sending;
    await Promise.all(sent);
    console.log(
      `${sent.length - unsent} bad logins in ${flood.seconds} s, by status ${JSON.stringify(statuses)}; p99 of ${others.length} logins of others ${quantile(others, 0.99).toFixed(0)} ms, before it ${quantile(calm, 0.99).toFixed(0)} ms`,
    );
    // The store may also respond to the flood that it is busy.
    expect(['401', '429', '503']).toEqual(expect.arrayContaining(Object.keys(statuses)));
    expect(unsent).toBeLessThan(sent.length / 10);
    // Five passwords a second are checked, and twenty in all for this account.
    expect(statuses[401]).toBeLessThanOrEqual(25);
    if (scale(false, true)) expect(quantile(others, 0.99)).toBeLessThan(500);
  },
  timeoutMs,
);
