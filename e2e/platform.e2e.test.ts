import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { connectControl } from '@meshmart/local-platform/control/client';
import { findRunningPlatform } from '@meshmart/local-platform/state-file';
import { findFreePorts } from '@meshmart/processes/ports';
import { isAlive } from '@meshmart/processes/process-identity';
import { readRunRecord } from '@meshmart/processes/run-record';
import { eventually } from '@meshmart/test-support/eventually';
import { plainEnvironment } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findListeners, withDescendants } from './listeners.ts';
import { endStore, makeState, type RunningStore, startCommand, startStore } from './running-store.ts';

describe('a running store', () => {
  const { state, remove } = makeState();
  let store: RunningStore;

  beforeAll(async () => {
    store = await startStore(state);
  });
  afterAll(() => endStore(store, remove));

  const get = (path: string) => fetch(`http://127.0.0.1:${store.port}${path}`);
  const answers = () =>
    get('/products?limit=3').then(
      ({ status }) => status === 200,
      () => false,
    );
  const allReady = async () =>
    (await store.status()).instances.every((instance) => instance.state === 'ready');

  test('responds through gateway and sidecar, with the version in a header', async () => {
    const response = await get('/products?limit=3');
    expect(response.headers.get('x-served-by')).toBe('product/v1');
    expect(await response.json()).toMatchObject({ items: [{}, {}, {}] });
  });

  test('prints the addresses, the login and the test cards', async () => {
    const password = readFileSync(join(store.layout.secrets, 'admin-password'), 'utf8').trim();
    for (const text of [`http://127.0.0.1:${store.port}/shop`, 'tok_approved, tok_declined', password]) {
      expect(store.output()).toContain(text);
    }
    const login = await fetch(`http://127.0.0.1:${store.port}/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'admin@meshmart.example', password }),
    });
    expect(login.status).toBe(201);
  });

  test('listens only on the ports of the gateway and of each sidecar, all on 127.0.0.1', async () => {
    const { instances } = await store.status();
    const pids = withDescendants([store.process.pid as number, ...store.processes().map(({ pid }) => pid)]);
    const ports = [store.port, ...instances.map(({ inboundPort }) => inboundPort)];
    expect(findListeners(pids)).toEqual(ports.map((port) => `127.0.0.1:${port}`).sort());
  });

  test('hides sockets and secrets from other users', async () => {
    expect(statSync(store.directory).mode & 0o066).toBe(0);
    expect(statSync(join(store.layout.secrets, 'signing-keys.json')).mode & 0o777).toBe(0o600);
  });

  test.each(['product-v1-1', 'product-v1-1-sidecar', 'order-v1-1', 'gateway', 'postgres'])(
    'survives kill -9 of %s',
    async (name) => {
      const pid = store.pidOf(name) as number;
      process.kill(pid, 'SIGKILL');
      await eventually(() => store.output().includes(`${name} was killed by SIGKILL; restarting it`));
      await eventually(() => ![undefined, pid].includes(store.pidOf(name)));
      await eventually(async () => (await answers()) && (await allReady()), 20_000);
    },
  );

  test('applies a saved manifest to every proxy, and keeps the last valid one', async () => {
    const file = join(state, 'manifest.yaml');
    writeFileSync(file, '');
    const { controlSocket } = JSON.parse(readFileSync(store.layout.stateFile, 'utf8'));
    const control = connectControl(controlSocket);
    await control.apply('e2e', [file]);
    writeFileSync(file, 'kind: [');
    await eventually(() =>
      store.output().includes('manifest.yaml was not applied; the proxies keep their configuration'),
    );
    expect(await answers()).toBe(true);
    writeFileSync(file, '# nothing');
    await eventually(() => /manifest\.yaml is live in every proxy after \d+ ms/.test(store.output()));
    await control.restore();
  });

  test('refuses a second start with the same state, and keeps running', async () => {
    const [port = 0] = await findFreePorts(1);
    const second = startCommand(state, port);
    expect(await second.exited).toBe(1);
    expect(second.output().trim()).toBe(
      `Meshmart is already running at http://127.0.0.1:${store.port} (pid ${store.process.pid}); stop that one first`,
    );
    expect(await answers()).toBe(true);
  });

  test('leaves nothing running five seconds after kill -9 of the supervisor', async () => {
    const processes = store.processes();
    const everything = withDescendants([store.process.pid as number, ...processes.map(({ pid }) => pid)]);
    expect(everything.length).toBeGreaterThan(processes.length + 2); // the guard, and PostgreSQL's own processes
    store.process.kill('SIGKILL');
    await eventually(
      () => !everything.some((pid) => existsSync(`/proc/${pid}`)) && !existsSync(store.directory),
      5000,
    );
    expect(processes.filter(isAlive)).toEqual([]);
  });

  test('starts again with the same data afterwards', async () => {
    store = await startStore(state);
    expect(await answers()).toBe(true);
  });

  test('stops gracefully on SIGTERM, prints that, and frees its port', async () => {
    const processes = store.processes();
    store.process.kill('SIGTERM');
    expect(await store.exited).toBe(0);
    expect(store.output()).toMatch(/Stopped; nothing is left running\.\n$/);
    expect(store.output()).not.toContain('was killed by');
    expect(processes.filter(isAlive)).toEqual([]);
    expect([store.directory, store.layout.stateFile].filter(existsSync)).toEqual([]);
  });

  test('names a damaged data folder, the log and the remedy', async () => {
    truncateSync(join(store.layout.database, 'data/global/pg_control'), 100);
    const [port = 0] = await findFreePorts(1);
    const damaged = startCommand(state, port);
    expect(await damaged.exited).toBe(1);
    expect(damaged.output()).toMatch(
      /postgres does not stay alive .*read .*postgres\.log, if the data in .*data is damaged, start with fresh data: \.\/meshmart start --reset/,
    );
  });

  test('starts with fresh data on --reset, and stops when its npm is killed with SIGKILL', async () => {
    const [port = 0] = await findFreePorts(1);
    const args = ['start', '--', '--state', state, '--port', String(port), '--reset'];
    const npm = spawn('npm', args, { cwd: config.root, env: plainEnvironment, stdio: 'ignore' });
    const running = await eventually(() => findRunningPlatform(store.layout.stateFile), 120_000);
    const { status } = await fetch(`http://127.0.0.1:${port}/products?limit=3`);
    const processes = readRunRecord(dirname(running.controlSocket));
    npm.kill('SIGKILL');
    await eventually(() => ![running, ...processes].some(isAlive), 60_000);
    expect({ status, hasSocket: existsSync(running.controlSocket) }).toEqual({
      status: 200,
      hasSocket: false,
    });
  });
});

describe('a store that cannot start', () => {
  const { state, remove } = makeState();
  afterAll(remove);

  test('names a port in use before it starts anything', async () => {
    const [port = 0] = await findFreePorts(1);
    const server = createServer().listen(port, '127.0.0.1');
    const command = startCommand(state, port);
    expect(await command.exited).toBe(1);
    server.close();
    expect(command.output().trim()).toBe(
      `Port ${port} is in use by another program; choose another one: ./meshmart start --port ${port + 1}`,
    );
  });

  test('leaves nothing running when the start is interrupted', async () => {
    const [port = 0] = await findFreePorts(1);
    const command = startCommand(state, port);
    await eventually(() => command.output().includes('Databases'), 60_000);
    command.process.kill('SIGINT');
    expect(await command.exited).toBe(130);
    expect(command.output()).toContain('Stopped before it was ready; nothing is left running.');
  });
});
