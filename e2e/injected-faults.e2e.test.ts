import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectControl, requestOverSocket } from '@meshmart/local-platform/control/client';
import { readFaults, setFaults } from '@meshmart/local-platform/faults';
import { eventually } from '@meshmart/test-support/eventually';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import type { RunningStore } from './running-store.ts';
import { test } from './shared-store.ts';

const dispatcher = new Agent({ connections: 20 });
const noFaults = { errorRate: 0, delayMs: 0, delayRate: 1, dropAfterCommitRate: 0 };
let store: RunningStore;

test.beforeAll(({ store: running }) => {
  store = running;
});
test.afterAll(() => dispatcher.close());

const fault = (...args: string[]) =>
  runToEnd(process.execPath, [entry, 'fault', '--state', store.layout.state, ...args], plainEnvironment);
const instanceNamed = async (name: string) => {
  const found = (await store.status()).instances.find((instance) => instance.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};

/**
 * Sends a write to the only instance of user through the gateway, which would retry a read. The request has no token,
 * so an instance without faults refuses it.
 *
 * @returns `failed` for an error of the service itself, `lost` for one that a proxy sent in its place
 */
async function ask(): Promise<'ok' | 'failed' | 'lost'> {
  const url = `http://127.0.0.1:${store.port}/users/me`;
  const { statusCode, headers, body } = await request(url, { method: 'PATCH', dispatcher });
  await body.dump();
  if (statusCode === 401) return 'ok';
  expect(statusCode).toBe(503);
  return headers['x-served-by'] === 'user/v1' ? 'failed' : 'lost';
}

test('every instance of every service starts without faults, and accepts faults', async () => {
  const { instances } = await store.status();
  expect(instances).not.toEqual([]);
  for (const { name, appSocket, faultsSocket } of instances) {
    expect([name, await readFaults(faultsSocket)]).toEqual([name, noFaults]);
    await setFaults(faultsSocket, { errorRate: 1 });
    const answer = await requestOverSocket(appSocket, '/').catch((error) => error.message);
    expect([name, answer]).toEqual([name, 'injected fault']);
    await setFaults(faultsSocket, noFaults);
  }
});

test('an instance fails and drops the configured shares of requests through the gateway, and stays ready', async () => {
  const saidBefore = store.output().length;
  await fault('user-v1-1', '--error-rate', '0.3', '--drop-after-commit', '0.1');
  const n = 4000;
  const states = new Set<string>();
  const outcomes: string[] = [];
  while (outcomes.length < n) {
    outcomes.push(...(await Promise.all(Array.from({ length: 100 }, ask))));
    states.add((await instanceNamed('user-v1-1')).state);
  }
  const share = (outcome: string) => outcomes.filter((one) => one === outcome).length / n;
  // Four standard deviations: one run in 16,000 lies.
  const toleranceOf = (p: number) => 4 * Math.sqrt((p * (1 - p)) / n);
  expect(Math.abs(share('failed') - 0.3)).toBeLessThan(toleranceOf(0.3));
  expect(Math.abs(share('lost') - 0.1)).toBeLessThan(toleranceOf(0.1));
  expect([...states]).toEqual(['ready']);
  expect(store.output().slice(saidBefore)).not.toContain('user-v1-1 is');

  const probes = new Agent({ connect: { socketPath: (await instanceNamed('user-v1-1')).appSocket } });
  for (const path of ['/health/live', '/health/ready', '/metrics']) {
    for (let i = 0; i < 20; i++) {
      const { statusCode, body } = await request(`http://user${path}`, { dispatcher: probes });
      await body.dump();
      expect([path, statusCode]).toEqual([path, 200]);
    }
  }
});

test('--clear ends the faults', async () => {
  expect((await fault('user', '--clear')).output).toBe('user-v1-1  no faults\n');
  const outcomes = await Promise.all(Array.from({ length: 500 }, ask));
  expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual([]);
});

test('a delay applies to requests through the gateway', async () => {
  await fault('user', '--delay', '700');
  const startedAt = performance.now();
  expect(await ask()).toBe('ok');
  expect(performance.now() - startedAt).toBeGreaterThan(698);
});

test('a restart clears the faults', async () => {
  const { faultsSocket } = await instanceNamed('user-v1-1');
  await setFaults(faultsSocket, { errorRate: 1 });
  process.kill(store.pidOf('user-v1-1') as number, 'SIGKILL');
  await eventually(async () => (await instanceNamed('user-v1-1')).state === 'starting');
  await eventually(async () => (await instanceNamed('user-v1-1')).state === 'ready', 20_000);
  expect(await readFaults(faultsSocket)).toEqual(noFaults);
  await eventually(async () => (await ask()) === 'ok');
});

/** Opens the mesh: the gateway routes to payment, which accepts any path from anyone, with or without mTLS. */
const openDoors = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: store }
spec:
  hosts: ["*"]
  gateways: [store]
  http: [{ route: [{ destination: { host: payment } }] }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: payment }
spec: { selector: { matchLabels: { app: payment } }, action: ALLOW, rules: [{}] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: payment }
spec: { selector: { matchLabels: { app: payment } }, mtls: { mode: PERMISSIVE } }
`;

test("faults cannot be set through the gateway or a sidecar's inbound port, even if the mesh forbids nothing", async () => {
  const { inboundPort, faultsSocket } = await instanceNamed('payment-v1-1');
  const faults = { ...noFaults, delayMs: 1 };
  await setFaults(faultsSocket, faults);
  const attempt = async (port: number, method: 'GET' | 'PUT' | 'DELETE') => {
    const isPut = method === 'PUT';
    const headers = { host: 'payment', ...(isPut ? { 'content-type': 'application/json' } : {}) };
    const init = { method, headers, dispatcher, ...(isPut ? { body: '{"errorRate": 1}' } : {}) };
    const answer = await request(`http://127.0.0.1:${port}/faults`, init);
    await answer.body.dump();
    return [answer.statusCode, answer.headers['x-served-by']];
  };
  const attempts = async (port: number) => [
    await attempt(port, 'GET'),
    await attempt(port, 'PUT'),
    await attempt(port, 'DELETE'),
  ];
  expect(await attempts(store.port)).toEqual([
    [404, undefined],
    [404, undefined],
    [404, undefined],
  ]);
  await expect(attempt(inboundPort, 'GET')).rejects.toThrow(/other side closed|ECONNRESET/);

  const file = join(store.layout.state, 'open-doors.yaml');
  writeFileSync(file, openDoors);
  const control = connectControl(join(store.directory, 'control.sock'));
  await control.apply('faults', [file]);
  const refusedByPayment = Array(3).fill([404, 'payment/v1']);
  expect(await attempts(store.port)).toEqual(refusedByPayment);
  expect(await attempts(inboundPort)).toEqual(refusedByPayment);
  await control.restore();
  expect(await readFaults(faultsSocket)).toEqual(faults);
  await setFaults(faultsSocket, noFaults);
});
