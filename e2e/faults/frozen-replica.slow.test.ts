import { setTimeout as sleep } from 'node:timers/promises';
import { readCounters } from '@meshmart/local-mesh/admin';
import { signalGroup } from '@meshmart/processes/run-record';
import { eventually } from '@meshmart/test-support/eventually';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { test } from '../shared-store.ts';
import { scale } from './scale.ts';

const frozenS = scale(20, 60);
const requestsPerS = 10;
/** Time in which the gateway may still send to a frozen replica. */
const ejectionS = 3;
/** Higher in `npm test`, on a busy machine. Without retries and ejection, a quarter of the reads take up to 20 s. */
const limitMs = scale(5000, 2000);
const tolerated = scale(4, 0);
const frozen = 'product-v1-2';

const dispatcher = new Agent({ connections: 200 });
test.afterAll(() => dispatcher.close());

test(`with one of two replicas frozen for ${frozenS} s, reads succeed within ${limitMs / 1000} s and avoid it after 3 s`, async ({
  store,
}) => {
  const instance = async () => (await store.status()).instances.find(({ name }) => name === frozen);
  const { adminSocket = '' } = (await instance()) ?? {};
  const countReceived = async () => {
    const counters = Object.entries(await readCounters(adminSocket));
    const received = counters.filter(([name]) => /^http\.inbound_.*\.downstream_rq_total$/.test(name));
    return received.reduce((sum, [, value]) => sum + value, 0);
  };
  const read = async () => {
    const startedAt = performance.now();
    const status = await request(`http://127.0.0.1:${store.port}/products?limit=20`, { dispatcher }).then(
      async ({ statusCode, body }) => body.dump().then(() => statusCode),
      () => 0,
    );
    return { status, tookMs: performance.now() - startedAt };
  };
  /** Reads at a constant rate: a slow read delays no other. */
  const readFor = async (seconds: number) => {
    const reads: ReturnType<typeof read>[] = [];
    const startedAt = performance.now();
    for (let i = 0; i < seconds * requestsPerS; i++) {
      await sleep(Math.max(0, startedAt + (i * 1000) / requestsPerS - performance.now()));
      reads.push(read());
    }
    return () => Promise.all(reads);
  };

  await (await readFor(2))();
  const pid = store.pidOf(frozen) as number;
  const beforeFreeze = await countReceived();
  signalGroup(pid, 'SIGSTOP');
  try {
    const early = await readFor(ejectionS);
    const soFar = await countReceived();
    const late = await readFor(frozenS - ejectionS);
    const sentLate = (await countReceived()) - soFar;
    signalGroup(pid, 'SIGCONT');
    const reads = [...(await early()), ...(await late())];
    const times = reads.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    const failed = reads.filter(({ status }) => status !== 200).length;
    const slow = times.filter((tookMs) => tookMs > limitMs).length;
    const p99 = times[Math.ceil(times.length * 0.99) - 1] as number;
    console.log(
      `${reads.length} reads: ${failed} failed, ${slow} over ${limitMs} ms, p99 ${p99.toFixed(0)} ms, slowest ${times.at(-1)?.toFixed(0)} ms; ${soFar - beforeFreeze} sent to the frozen replica in the first ${ejectionS} s, ${sentLate} later`,
    );
    expect(slow).toBe(0);
    expect(Math.max(failed, sentLate)).toBeLessThanOrEqual(tolerated);
    expect(soFar).toBeGreaterThan(beforeFreeze);
  } finally {
    signalGroup(pid, 'SIGCONT');
    await eventually(async () => (await instance())?.state === 'ready', 60_000);
  }
});
