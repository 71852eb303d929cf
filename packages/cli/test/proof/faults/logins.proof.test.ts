import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { eventually } from '../../eventually.ts';
import type { RunningStore } from '../running-store.ts';
import { test } from '../shared-store.ts';
import { scale } from './scale.ts';

const pairs = scale(20, 1000);
const looks = scale(200, 2000);
const floodSize = 100;
const timeoutMs = 30 * 60_000;

const dispatcher = new Agent({ connections: 200 });
let store: RunningStore;

test.beforeAll(async ({ store: running }) => {
  store = running;
  for (const name of ['known', 'flooded']) {
    // On a busy machine an instance may miss its first probes; 409 is one whose answer came too late.
    const register = async () => [201, 409].includes((await post('/users', { ...login(name), name })).status);
    await eventually(register, 60_000);
  }
});
test.afterAll(() => dispatcher.close());

const login = (name: string) => ({ email: `${name}@meshmart.example`, password: 'correct horse' });

async function post(path: string, content: object) {
  const options = { method: 'POST', body: JSON.stringify(content), dispatcher } as const;
  const url = `http://127.0.0.1:${store.port}${path}`;
  const answer = await request(url, { ...options, headers: { 'content-type': 'application/json' } });
  const text = await answer.body.text();
  const isOurs = /json/.test(String(answer.headers['content-type'])); // a proxy answers in plain text
  const { traceId: _, ...body } = isOurs ? JSON.parse(text) : { text };
  return { status: answer.statusCode, body };
}

/** How long it took, in milliseconds. */
async function measure(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] as number;
}

test(
  `${pairs} failed logins each of a known and an unknown user look the same, before and after the lock`,
  async () => {
    const times = { known: [] as number[], unknown: [] as number[] };
    const answers = new Set<string>();
    const fail = async (name: keyof typeof times, email: string) => {
      const wrong = { email, password: 'wrong' };
      times[name].push(
        await measure(async () => answers.add(JSON.stringify(await post('/sessions', wrong)))),
      );
    };
    for (let i = 0; i < pairs; i++) {
      // Who comes first changes, so that neither gains by it.
      const order = i % 2 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
      for (const name of order) await fail(name, login(name).email);
    }
    const median = { known: quantile(times.known, 0.5), unknown: quantile(times.unknown, 0.5) };
    const difference = Math.abs(median.known / median.unknown - 1);
    console.log(
      `medians of ${pairs}: known ${median.known.toFixed(2)} ms, unknown ${median.unknown.toFixed(2)} ms, ${(difference * 100).toFixed(1)} % apart`,
    );
    expect([...answers].map((answer) => JSON.parse(answer).status)).toEqual([401]);
    if (scale(false, true)) expect(difference).toBeLessThan(0.05);
  },
  timeoutMs,
);

test(
  `${floodSize} logins at once, again and again, leave the catalogue usable`,
  async () => {
    const look = () =>
      measure(async () => {
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
    const keepFlooding = async () => {
      while (!isOver) {
        const { status } = await post('/sessions', login('flooded'));
        statuses[status] = (statuses[status] ?? 0) + 1;
        // Who is refused comes back when it was told to.
        if (status === 429) await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    };
    const flood = Array.from({ length: floodSize }, keepFlooding);
    const flooded = await lookOften();
    isOver = true;
    await Promise.all(flood);
    console.log(
      `p99 of ${looks} looks at the catalogue: ${calm.toFixed(1)} ms, in the flood ${flooded.toFixed(1)} ms; logins by status ${JSON.stringify(statuses)}`,
    );
    expect(Object.keys(statuses)).toEqual(['201', '429']);
    if (scale(false, true)) expect(flooded / calm).toBeLessThan(2);
  },
  timeoutMs,
);
