import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCounters } from '@meshmart/local-mesh/admin';
import { connectControl } from '@meshmart/local-platform/control/client';
import { type Faults, setFaults } from '@meshmart/local-platform/faults';
import { findRunningPlatform } from '@meshmart/local-platform/state-file';
import { signalGroup } from '@meshmart/processes/run-record';
import { eventually } from '@meshmart/test-support/eventually';
import { config } from '@meshmart/toolchain/config';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import type { RunningStore } from './running-store.ts';
import { test } from './shared-store.ts';

const dispatcher = new Agent({ connections: 100 });
test.afterAll(() => dispatcher.close());

const accessLog = join(config.root, 'docs/runbooks/access-log.yaml');

/** Returns the rule for requests from the gateway to product. */
const productRoute = (route: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: gateway-product }
spec:
  http:
    - ${route}
`;

const toV1 = 'route: [{ destination: { host: product, subset: v1 } }]';

const productRule = (policy: string, subsets: string) => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: product }
spec:
  host: product
  trafficPolicy: ${policy}
  subsets: ${subsets}
`;

interface Staged {
  flag: string;
  status: number;
  /** Manifest of the failure. */
  manifest?: string;
  /** Delays every response of product. */
  delayMs?: number;
  path?: string;
  requests?: number;
  /** Ends the client's connection after this time. */
  hangUpAfterMs?: number;
  method?: 'POST';
}

const failures: Staged[] = [
  { flag: 'NR', status: 404, path: '/nowhere' },
  {
    flag: 'NC',
    status: 503,
    manifest: productRoute('route: [{ destination: { host: product, subset: v3 } }]'),
  },
  {
    flag: 'UH',
    status: 503,
    manifest:
      productRoute(toV1) +
      productRule('{ loadBalancer: { simple: ROUND_ROBIN } }', '[{ name: v1, labels: { version: v9 } }]'),
  },
  {
    flag: 'FI',
    status: 503,
    manifest: productRoute(`{ fault: { abort: { percentage: { value: 100 }, httpStatus: 503 } }, ${toV1} }`),
  },
  {
    flag: 'DI',
    status: 200,
    manifest: productRoute(
      `{ fault: { delay: { percentage: { value: 100 }, fixedDelay: 100ms } }, ${toV1} }`,
    ),
  },
  {
    flag: 'UO',
    status: 503,
    requests: 20,
    delayMs: 500,
    manifest:
      productRoute(toV1) +
      productRule(
        '{ connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1, http2MaxRequests: 1 } } }',
        '[{ name: v1, labels: { version: v1 } }]',
      ),
  },
  {
    flag: 'UT',
    status: 504,
    delayMs: 2000,
    manifest: productRoute(`{ timeout: 500ms, retries: { attempts: 0 }, ${toV1} }`),
  },
  { flag: 'DC', status: 0, delayMs: 2000, hangUpAfterMs: 300 },
  { flag: 'RL', status: 429, path: '/sessions', method: 'POST', requests: 40 },
];

test.for(failures)('$flag is what the gateway logs for its staged failure', async (staged, { store }) => {
  const { flag, status, manifest = '', delayMs = 0, path = '/products?limit=1', requests = 1 } = staged;
  await using mesh = await applyMesh(store, manifest);
  await using _faults = await injectFaults(store, { delayMs });
  const send = () => {
    const signal = staged.hangUpAfterMs ? AbortSignal.timeout(staged.hangUpAfterMs) : null;
    return request(`http://127.0.0.1:${store.port}${path}`, {
      method: staged.method ?? 'GET',
      dispatcher,
      signal,
    }).then(
      async ({ statusCode, body }) => body.dump().then(() => statusCode),
      () => 0,
    );
  };
  const answers = await Promise.all(Array.from({ length: requests }, send));
  expect(answers).toContain(status);
  const route = path.split('?')[0];
  await eventually(() =>
    new RegExp(`^${flag}\\S* ${status} \\S+ ${route}`, 'm').test(mesh.logged('gateway')),
  );
});

test('UC is what the sidecar logs when its service closes the connection', async ({ store }) => {
  await using mesh = await applyMesh(store, productRoute(`{ retries: { attempts: 0 }, ${toV1} }`));
  await using _faults = await injectFaults(store, { dropAfterCommitRate: 1 });
  const { statusCode, body } = await request(`http://127.0.0.1:${store.port}/products?limit=1`, {
    dispatcher,
  });
  await body.dump();
  expect(statusCode).toBe(503);
  await eventually(() =>
    /^UC 503 GET \/products/m.test(mesh.logged('product-v1-1-sidecar') + mesh.logged('product-v1-2-sidecar')),
  );
});

test('UC is what the gateway logs when it speaks plaintext to a sidecar with STRICT mutual TLS', async ({
  store,
}) => {
  const rule = productRule('{ tls: { mode: DISABLE } }', '[{ name: v1, labels: { version: v1 } }]');
  await using mesh = await applyMesh(store, productRoute(toV1) + rule);
  const { statusCode, body } = await request(`http://127.0.0.1:${store.port}/products?limit=1`, {
    dispatcher,
  });
  await body.dump();
  expect(statusCode).toBe(503);
  await eventually(() => /^(\S+,)?UC(,\S+)? 503 GET \/products/m.test(mesh.logged('gateway')));
});

test('UF is what the gateway logs when no connection comes about in time', async ({ store }) => {
  // The handshake is part of the connection, and a frozen sidecar does not answer it.
  const rule = productRule(
    '{ connectionPool: { tcp: { connectTimeout: 200ms } } }',
    '[{ name: v1, labels: { version: v1 } }]',
  );
  await using mesh = await applyMesh(store, productRoute(toV1) + rule);
  const sidecars = ['product-v1-1-sidecar', 'product-v1-2-sidecar'].map((name) => store.pidOf(name) ?? 0);
  for (const pid of sidecars) signalGroup(pid, 'SIGSTOP');
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${store.port}/products?limit=1`, {
      dispatcher,
    });
    await body.dump();
    expect(statusCode).toBe(503);
  } finally {
    for (const pid of sidecars) signalGroup(pid, 'SIGCONT');
  }
  await eventually(() => /^(\S+,)?UF(,\S+)? 503 GET \/products/m.test(mesh.logged('gateway')));
});

test('a client without a certificate is cut, and counted as no_filter_chain_match', async ({ store }) => {
  const { instances } = await store.status();
  const { inboundPort = 0, adminSocket = '' } = instances.find(({ name }) => name === 'user-v1-1') ?? {};
  const count = async () => {
    const counters = Object.entries(await readCounters(adminSocket));
    return counters.reduce(
      (sum, [name, value]) => (/^listener\..*\.no_filter_chain_match$/.test(name) ? sum + value : sum),
      0,
    );
  };
  const before = await count();
  const error = await request(`http://127.0.0.1:${inboundPort}/.well-known/jwks.json`).catch(
    ({ code }) => code,
  );
  expect(error).toMatch(/UND_ERR_SOCKET|ECONNRESET/);
  expect(await count()).toBe(before + 1);
});

interface AppliedMesh extends AsyncDisposable {
  /** Returns the lines that a proxy has logged since. */
  logged(proxy: string): string;
}

/** Applies the access log and a manifest to the running store until the end of the test. */
async function applyMesh(store: RunningStore, manifest: string): Promise<AppliedMesh> {
  const folder = await mkdtemp(join(tmpdir(), 'meshmart-e2e-'));
  const file = join(folder, 'staged.yaml');
  await writeFile(file, manifest);
  const control = connectControl(findRunningPlatform(store.layout.stateFile)?.controlSocket ?? '');
  const logOf = (proxy: string) => join(store.layout.logs, `${proxy}.log`);
  const proxies = ['gateway', 'product-v1-1-sidecar', 'product-v1-2-sidecar'];
  const sizes = new Map(proxies.map((proxy) => [proxy, statSync(logOf(proxy)).size]));
  await control.apply('response-flags', [accessLog, file]);
  return {
    logged: (proxy) => readFileSync(logOf(proxy)).subarray(sizes.get(proxy)).toString(),
    async [Symbol.asyncDispose]() {
      await control.restore();
      await rm(folder, { recursive: true });
    },
  };
}

/** Injects faults into all instances of product v1 until the end of the test. */
async function injectFaults(store: RunningStore, faults: Partial<Faults>): Promise<AsyncDisposable> {
  const { instances } = await store.status();
  const chosen = instances.filter(({ service, version }) => service === 'product' && version === 'v1');
  const setAll = (to: Partial<Faults>) =>
    Promise.all(chosen.map(({ faultsSocket }) => setFaults(faultsSocket, to)));
  await setAll(faults);
  return { [Symbol.asyncDispose]: async () => void (await setAll({})) };
}
