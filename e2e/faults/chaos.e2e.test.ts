import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '@meshmart/experiment-runner/report';
import { readFaults } from '@meshmart/local-platform/faults';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { expect } from 'vitest';
import type { RunningStore } from '../running-store.ts';
import { test } from '../shared-store.ts';
import { scale, seed } from './scale.ts';

const observeS = scale(15, 500);
const ordersPerS = 20;
const kills = scale(1, 50);
const freezes = scale(1, 20);
const ledgerReads = scale(3000, 100_000);
const timeoutMs = scale(20, 90) * 60_000;

async function expectNoFaults(store: RunningStore): Promise<void> {
  const { instances } = await store.status();
  for (const { name, state, faultsSocket } of instances) {
    expect([name, state, await readFaults(faultsSocket)]).toEqual([
      name,
      'ready',
      { errorRate: 0, delayMs: 0, delayRate: 1, dropAfterCommitRate: 0 },
    ]);
  }
}

test(
  `money and stock are right after ${observeS * ordersPerS} orders with faults, lost responses, retries, freezes and kills`,
  async ({ store }) => {
    const { state } = store.layout;
    const file = join(state, 'outcome.json');
    const folders = ['--state', state, '--report', join(state, 'reports'), '--json', file];
    const options = [...folders, '--observe', String(observeS), '--seed', String(seed)];
    const command = [entry, 'experiment', 'chaos-checkout', ...options];
    const { code, output } = await runToEnd(process.execPath, command, plainEnvironment);
    console.log(output);
    const { expectations, verdict, k6 }: Result = JSON.parse(readFileSync(file, 'utf8'));
    expect(expectations.filter(({ ok }) => !ok)).toEqual([]);
    expect({ code, verdict }).toEqual({ code: 0, verdict: 'pass' });

    const observed = (name: string) => Number(expectations.find((one) => one.name === name)?.observed);
    const { count = 0, rate = 0 } = k6.observed?.iterations?.values ?? {};
    const everyS = count / rate / observed('instances killed');
    console.log(`a kill every ${everyS.toFixed(1)} s in ${(count / rate).toFixed(0)} s of load`);
    expect(observed('orders answered')).toBe(observeS * ordersPerS);
    expect(observed('instances killed')).toBeGreaterThanOrEqual(kills);
    expect(observed('instances frozen')).toBeGreaterThanOrEqual(freezes);
    expect(observed('ledger reads')).toBeGreaterThanOrEqual(ledgerReads);
    await expectNoFaults(store);
  },
  timeoutMs,
);
