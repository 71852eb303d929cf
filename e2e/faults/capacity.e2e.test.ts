import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findViolations } from '@meshmart/consistency-checker/check';
import { readClientLog } from '@meshmart/consistency-checker/client-log';
import { waitForQuiescence } from '@meshmart/consistency-checker/quiescence';
import { countUnits } from '@meshmart/consistency-checker/stock-invariants';
import { readStoreState } from '@meshmart/consistency-checker/store-state';
import { runK6 } from '@meshmart/experiment-runner/k6';
import { ensureSecrets } from '@meshmart/local-platform/secrets';
import { restock } from '@meshmart/store-client/restock';
import { config } from '@meshmart/toolchain/config';
import { ensureK6 } from '@meshmart/toolchain/k6';
import { expect } from 'vitest';
import { test } from '../shared-store.ts';
import { readCpuTimes } from './cpu-time.ts';
import { scale } from './scale.ts';

const durationS = scale(5, 60);
const stock = 1000;
const never = new AbortController().signal;

test(
  'orders, stock and money are consistent after peak load',
  async ({ store }) => {
    const gatewayUrl = `http://127.0.0.1:${store.port}`;
    await restock(gatewayUrl, ensureSecrets(store.layout.secrets).admin, stock);
    const urls = await store.databases();
    const unitsBefore = countUnits(await readStoreState(urls));
    const clientLog = join(store.layout.state, 'clients.jsonl');
    const load = {
      durationS,
      gatewayUrl,
      inboundUrls: {},
      clientLog,
      phase: 'observe' as const,
      variant: '',
    };
    const script = join(config.root, 'loadtest/peak-orders.ts');
    const owners = [...store.processes(), { name: 'k6', pid: process.pid }];

    const before = readCpuTimes(owners);
    const startedAt = performance.now();
    const summary = await runK6(await ensureK6(), { ...load, script }, never);
    const tookS = (performance.now() - startedAt) / 1000;
    const after = readCpuTimes(owners);

    await waitForQuiescence(urls, { since: Date.now(), timeoutMs: 60_000, signal: never });
    const [left, clientOrders] = await Promise.all([readStoreState(urls), readClientLog(clientLog)]);
    expect(findViolations({ state: left, clientOrders, unitsBefore })).toEqual([]);
    const confirmed = summary.orders_confirmed?.values.count ?? 0;
    expect(confirmed).toBeGreaterThan(0);
    const customers = new Set(clientOrders.map(({ userId }) => userId));
    const open = left.orders.filter(({ userId, status }) => customers.has(userId) && status !== 'confirmed');
    expect(open).toEqual([]);

    const used = [...after].map(([name, cpuS]) => ({ name, cpuS: cpuS - (before.get(name) ?? 0) }));
    console.log(describeRun({ confirmed, tookS, used }));
  },
  scale(300_000, 900_000),
);

interface Run {
  confirmed: number;
  /** Includes the start of k6 and the registration of the customers. */
  tookS: number;
  used: { name: string; cpuS: number }[];
}

function describeRun({ confirmed, tookS, used }: Run): string {
  const cores = availableParallelism();
  const percent = (cpuS: number) => `${Math.round((100 * cpuS) / (tookS * cores))} %`;
  const total = used.reduce((sum, { cpuS }) => sum + cpuS, 0);
  const byTime = used.toSorted((a, b) => b.cpuS - a.cpuS).filter(({ cpuS }) => cpuS >= 0.05 * total);
  return [
    `${(confirmed / durationS).toFixed(1)} orders a second for ${durationS} s on ${cores} cores, 0 wrong`,
    `the store and k6 used ${percent(total)} of the cores, set-up included (${tookS.toFixed(0)} s); most of it: `.concat(
      byTime.map(({ name, cpuS }) => `${name} ${percent(cpuS)}`).join(', '),
    ),
  ].join('\n');
}
