import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readCounters } from '../src/admin.ts';
import { call, callMany, type Reply } from './call.ts';
import { type RunningStore, startStore } from './running-store.ts';

let store: RunningStore;

beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());
afterEach(() => store.apply(''));

const atGateway = (path = '/products', headers = {}) => call(store.mesh.gateway.port, path, { headers });
const fromOrder = (path: string, headers = {}, method = 'GET') =>
  call(store.order.outboundSocket, path, { method, headers: { host: 'product', ...headers } });

const instanceOf = ({ headers }: Reply) => String(headers['x-instance']);
const share = (replies: Reply[], holds: (reply: Reply) => boolean) =>
  replies.filter(holds).length / replies.length;
const headersSeen = ({ body }: Reply) => JSON.parse(body).headers as Record<string, string>;

/** Returns a VirtualService with one route, for callers inside the mesh. */
const meshRoute = (route: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: product }
spec:
  hosts: [product]
  http:
    - ${route.trim().replaceAll('\n', '\n      ')}
`;

const split = (v1: number, v2: number) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: store }
spec:
  hosts: ["*"]
  gateways: [store]
  http:
    - match: [{ uri: { exact: /products } }]
      route:
        - { destination: { host: product, subset: v1 }, weight: ${v1} }
        - { destination: { host: product, subset: v2 }, weight: ${v2} }
`;

const ordersMayReserve = '/reservations/1';

/** Returns the failures of requests during `change`. */
async function underLoad(once: () => Promise<Reply>, change: () => Promise<void>): Promise<unknown[]> {
  const failures: unknown[] = [];
  let going = true;
  const load = Array.from({ length: 8 }, async () => {
    while (going) {
      const reply = await once().catch((error: Error) => error);
      if (reply instanceof Error || reply.status !== 200) failures.push(reply);
    }
  });
  await change().finally(() => {
    going = false;
  });
  await Promise.all(load);
  return failures;
}

describe('the standing mesh', () => {
  test('sends all requests to v1, to both of its instances', async () => {
    const replies = await callMany(100, () => atGateway());
    expect(new Set(replies.map(instanceOf))).toEqual(new Set(['product-v1-1', 'product-v1-2']));
    expect(replies.every(({ status }) => status === 200)).toBe(true);
  });

  test.each([
    '/productsx',
    '/ordersfoo',
    '/reservations/1',
    '/payments',
    '/docs',
    '/metrics',
    '/health/ready',
  ])('does not route %s', async (path) => expect((await atGateway(path)).status).toBe(404));

  test('passes the SPIFFE ids of gateway and sidecars to the callee', async () => {
    const seen = headersSeen(
      await atGateway('/products', { 'x-forwarded-client-cert': 'URI=spiffe://forged' }),
    );
    expect(seen['x-forwarded-client-cert']).toContain('URI=spiffe://cluster.local/ns/meshmart/sa/gateway');
    expect(seen['x-forwarded-client-cert']).not.toContain('forged');
  });

  test('responds 502 for a host that is no service', async () => {
    expect((await fromOrder('/', { host: 'example.com' })).status).toBe(502);
  });

  test.each(['product', 'product.meshmart', 'product.meshmart.svc.cluster.local'])(
    'knows the host %s',
    async (host) => {
      expect((await fromOrder(ordersMayReserve, { host })).status).toBe(200);
    },
  );

  test('allows a principal what its rule says, and nothing else', async () => {
    expect((await fromOrder(ordersMayReserve, {}, 'PUT')).status).toBe(200);
    expect((await fromOrder(ordersMayReserve, {}, 'DELETE')).status).toBe(403);
    expect((await fromOrder('/products')).status).toBe(403);
    const edit = (path: string) => call(store.mesh.gateway.port, path, { method: 'PATCH' });
    expect((await edit('/products/1')).status).toBe(200);
    expect((await edit('/orders/1')).status).toBe(403);
    expect((await fromOrder('/products/1', {}, 'PATCH')).status).toBe(403);
  });
});

describe("the proxies' own refusals", () => {
  const isProblem = ({ status, headers, body }: Reply, type: string) => {
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const title = expect.stringMatching(/^[A-Z][\w ;]+$/);
    expect(JSON.parse(body)).toEqual({ type, title, status });
  };

  test('are problems like those of the services', async () => {
    const denied = await call(store.mesh.gateway.port, '/orders/1', { method: 'PATCH' });
    expect(denied.status).toBe(403);
    isProblem(denied, 'urn:meshmart:problem:forbidden');
    const unknown = await atGateway('/payments');
    expect(unknown.status).toBe(404);
    isProblem(unknown, 'urn:meshmart:problem:not-found');
    const down = await atGateway('/users/me');
    expect([down.status, down.headers['retry-after']]).toEqual([503, '2']);
    isProblem(down, 'urn:meshmart:problem:unavailable');
    const ambiguous = await atGateway('/products', { a_b: 'c' });
    expect(ambiguous.status).toBe(400);
    isProblem(ambiguous, 'about:blank');
  });

  test('are problems when a service is too slow', async () => {
    await store.apply(split(100, 0).replace('match', 'timeout: 200ms\n      match'));
    const slow = await atGateway('/products', { 'x-ask-slow': '2000' });
    expect(slow.status).toBe(504);
    isProblem(slow, 'urn:meshmart:problem:timed-out');
  });

  test('redirect as before', async () => {
    const { status, headers, body } = await atGateway('/products%2F1');
    expect([status, headers.location, body]).toEqual([307, '/products/1', '']);
  });

  test('limit the passwords from each address, for any purpose, and nothing else', async () => {
    const from = (localAddress: string, method: string, path: string) =>
      call(store.mesh.gateway.port, path, { method, localAddress });
    const attempts = [
      ['POST', '/sessions'],
      ['POST', '/sessions?again'],
      ['POST', '/users'],
      ['PUT', '/users/me/password'],
      ['DELETE', '/users/me'],
      ['POST', '/shop/login'],
      ['POST', '/shop/register'],
      ['POST', '/shop/account/password'],
    ] as const;
    const startedAt = performance.now();
    let sent = 0;
    const flood = await callMany(200, () => {
      const [method, path] = attempts[sent++ % attempts.length] ?? attempts[0];
      return from('127.0.0.2', method, path);
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const refused = flood.filter(({ status }) => status === 429);
    expect(200 - refused.length).toBeGreaterThanOrEqual(10);
    expect(200 - refused.length).toBeLessThanOrEqual(10 + Math.ceil(10 * seconds));
    for (const reply of refused) {
      expect(reply.headers['retry-after']).toBe('1');
      isProblem(reply, 'urn:meshmart:problem:too-many-attempts');
    }
    const others = [
      from('127.0.0.3', 'POST', '/sessions'),
      from('127.0.0.2', 'GET', '/users/me'),
      from('127.0.0.2', 'POST', '/sessions/refresh'),
      from('127.0.0.2', 'PATCH', '/users/me'),
    ];
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([503, 503, 503, 503]);
  });
});

describe('routes', () => {
  test('change under load without losing a request, and are live when publish resolves', async () => {
    const failures = await underLoad(
      () => atGateway(),
      async () => {
        for (const [v1, v2, instance] of [
          [0, 100, /v2/],
          [100, 0, /v1/],
          [0, 100, /v2/],
          [100, 0, /v1/],
        ] as const) {
          await store.apply(split(v1, v2));
          expect(instanceOf(await atGateway())).toMatch(instance);
        }
      },
    );
    expect(failures).toEqual([]);
  });

  test('make before break: replace a subset under load', async () => {
    const renamed = (subset: string) =>
      `${meshRoute(`route: [{ destination: { host: product, subset: ${subset} } }]`)}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: product }
spec: { host: product, subsets: [{ name: ${subset}, labels: { app: product } }] }
`;
    const failures = await underLoad(
      () => fromOrder(ordersMayReserve),
      async () => {
        for (const subset of ['blue', 'green', 'blue', 'green']) await store.apply(renamed(subset));
      },
    );
    expect(failures).toEqual([]);
  });

  test('match headers', async () => {
    await store.apply(
      `${meshRoute(`
match: [{ headers: { end-user: { exact: jason } } }]
route: [{ destination: { host: product, subset: v2 } }]
`)}    - route: [{ destination: { host: product, subset: v1 } }]\n`,
    );
    const jason = await callMany(20, () => fromOrder(ordersMayReserve, { 'end-user': 'jason' }));
    const others = await callMany(20, () => fromOrder(ordersMayReserve));
    expect(new Set(jason.map(instanceOf))).toEqual(new Set(['product-v2-1']));
    expect(share(others, (reply) => instanceOf(reply).includes('v1'))).toBe(1);
  });

  test('change headers', async () => {
    await store.apply(
      meshRoute(`
headers:
  request: { set: { x-set: a }, add: { x-add: b }, remove: [x-gone] }
  response: { set: { x-added: c }, remove: [x-remove-me] }
route: [{ destination: { host: product, subset: v1 } }]
`),
    );
    const reply = await fromOrder(ordersMayReserve, { 'x-gone': '1', 'x-set': 'before' });
    expect(headersSeen(reply)).toMatchObject({ 'x-set': 'a', 'x-add': 'b' });
    expect(headersSeen(reply)).not.toHaveProperty('x-gone');
    expect(reply.headers).toMatchObject({ 'x-added': 'c' });
    expect(reply.headers).not.toHaveProperty('x-remove-me');
  });

  test('send requests for an unknown subset nowhere, with a warning', async () => {
    const { warnings } = await store.apply(
      meshRoute('route: [{ destination: { host: product, subset: v9 } }]'),
    );
    expect(warnings).toEqual([
      expect.stringMatching(
        /overlay\.yaml:8: Error \[IST0101\] \(VirtualService meshmart\/product\) Referenced host\+subset in destinationrule not found: "product\+v9"$/,
      ),
    ]);
    const before = await readCounters(store.order.adminSocket, 'no_cluster$');
    expect((await fromOrder(ordersMayReserve)).status).toBe(503);
    const after = await readCounters(store.order.adminSocket, 'no_cluster$');
    const counter = 'http.outbound_0.0.0.0_80;.no_cluster';
    expect((after[counter] ?? 0) - (before[counter] ?? 0)).toBe(1);
  });

  test('end a slow call after the timeout, and have none by default', async () => {
    const slow = { 'x-ask-slow': '400' };
    expect((await fromOrder(ordersMayReserve, slow)).status).toBe(200);
    await store.apply(meshRoute('timeout: 0.2s\nroute: [{ destination: { host: product, subset: v1 } }]'));
    const reply = await fromOrder(ordersMayReserve, slow);
    expect(reply.status).toBe(504);
    expect(reply.tookMs).toBeGreaterThan(190);
  });

  test('retry on another host, and a 503 only by rule', async () => {
    const failing = { 'x-ask-fail': 'product-v1-1' };
    // The standing rule would eject the instance, which leaves nothing to retry.
    const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: product }
spec: { host: product, subsets: [{ name: v1, labels: { version: v1 } }] }
---`;
    const plain = 'route: [{ destination: { host: product, subset: v1 } }]';
    await store.apply(rule + meshRoute(plain));
    const asked = await callMany(60, () => fromOrder(ordersMayReserve, failing));
    expect(share(asked, ({ status }) => status === 503)).toBeGreaterThan(0.1);
    await store.apply(rule + meshRoute(`retries: { attempts: 6, retryOn: 5xx }\n${plain}`));
    // Each attempt draws an untried host up to six times. Sequential requests keep the odds even.
    const retried = await callMany(60, () => fromOrder(ordersMayReserve, failing), 1);
    expect(share(retried, (reply) => reply.status === 200 && instanceOf(reply) === 'product-v1-2')).toBe(1);
  });
});

describe('traffic policies', () => {
  /** Uses its own route, since the standing one repeats reads. */
  const rule = (
    trafficPolicy: string,
  ) => `${meshRoute('route: [{ destination: { host: product, subset: v1 } }]')}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: product }
spec:
  host: product
  trafficPolicy: { ${trafficPolicy} }
  subsets: [{ name: v1, labels: { version: v1 } }]
`;
  const failFast = 'consecutive5xxErrors: 3, baseEjectionTime: 10m';
  const failing = { 'x-ask-fail': 'product-v1-1' };
  /** Calls the two instances of v1 sequentially, so that each fails three times in a row. */
  const callThem = () => callMany(60, () => fromOrder(ordersMayReserve, failing), 1);
  const outliers = () => readCounters(store.order.adminSocket, 'v1.product.*outlier_detection');
  const counted = async (counter: RegExp) =>
    Object.entries(await outliers()).reduce(
      (sum, [name, value]) => sum + (counter.test(name) ? value : 0),
      0,
    );

  test('eject none of two instances when the maximum is a tenth', async () => {
    const before = await counted(/ejections_overflow$/);
    await store.apply(rule(`outlierDetection: { ${failFast} }`));
    await callThem();
    expect(await counted(/ejections_overflow$/)).toBeGreaterThan(before);
    expect(await counted(/ejections_active$/)).toBe(0);
    expect(new Set((await callThem()).map(instanceOf))).toEqual(new Set(['product-v1-1', 'product-v1-2']));
  });
});

describe('faults', () => {
  test('delay before the route can time out', async () => {
    await store.apply(
      meshRoute(`
fault: { delay: { percentage: { value: 100 }, fixedDelay: 300ms } }
timeout: 200ms
route: [{ destination: { host: product, subset: v1 } }]
`),
    );
    const reply = await fromOrder(ordersMayReserve);
    expect(reply.status).toBe(200);
    expect(reply.tookMs).toBeGreaterThan(290);
  });
});

describe('mutual TLS', () => {
  const peerAuthentication = (mode: string, name = 'default', selector = '') => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${name} }
spec: { ${selector} mtls: { mode: ${mode} } }
`;
  const allowAll = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: product }
spec: { rules: [{}] }
---`;
  /** Opens a new connection, since an open one keeps its filter chain until it is drained. */
  const inPlainText = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        { port: store.product.inboundPort, host: '127.0.0.1', agent: false },
        (response) => resolve(response.resume().statusCode ?? 0),
      );
      outgoing.on('error', reject).end();
    });

  test('closes plain-text connections under STRICT', async () => {
    await expect(inPlainText()).rejects.toThrow(/socket hang up|ECONNRESET/);
  });

  test('accepts plain text and mutual TLS under PERMISSIVE', async () => {
    await store.apply(allowAll + peerAuthentication('PERMISSIVE'));
    expect(await inPlainText()).toBe(200);
    const seen = headersSeen(await atGateway());
    expect(seen['x-forwarded-client-cert']).toContain('sa/gateway');
  });

  test("prefers a policy with a selector to the namespace's", async () => {
    await store.apply(
      `${allowAll}${peerAuthentication('PERMISSIVE')}---${peerAuthentication('STRICT', 'product', 'selector: { matchLabels: { app: product } },')}`,
    );
    await expect(inPlainText()).rejects.toThrow(/socket hang up|ECONNRESET/);
  });
});

describe('authorization', () => {
  const everyReplyIs = (expected: number) =>
    vi.waitFor(
      async () => {
        const replies = await callMany(50, () => fromOrder(ordersMayReserve));
        expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([expected]));
      },
      { timeout: 10_000 },
    );

  test('evaluates DENY before ALLOW', async () => {
    await store.apply(`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: closed }
spec:
  action: DENY
  rules: [{ to: [{ operation: { paths: ["/reservations/*"] } }] }]
`);
    // An open connection gets one more response by the old rules and is then closed, as on a cluster.
    await everyReplyIs(403);
    await store.apply('');
    await everyReplyIs(200);
  });
});

describe('instances', () => {
  test('start and stop under load without losing a request', async () => {
    const slow = { 'x-ask-slow': '30' };
    const load = callMany(600, () => fromOrder(ordersMayReserve, slow));
    for (const ready of [false, true, false, true]) {
      await store.apply('', (workload) =>
        workload.name === 'product-v1-1' ? { ...workload, ready } : workload,
      );
      await sleep(150);
    }
    const failed = (await load).filter(({ status }) => status !== 200);
    expect(failed.map(({ status, body, headers }) => [status, body, headers.server])).toEqual([]);
  });

  test('get no requests before they are ready', async () => {
    await store.apply('', (workload) =>
      workload.name === 'product-v1-1' ? { ...workload, ready: false } : workload,
    );
    const replies = await callMany(50, () => atGateway());
    expect(new Set(replies.map(instanceOf))).toEqual(new Set(['product-v1-2']));
  });
});

describe('a refusal by Envoy', () => {
  const badRoute = meshRoute(
    'match: [{ uri: { regex: "((" } }]\nroute: [{ destination: { host: product, subset: v1 } }]',
  );

  test("is reported with Envoy's reason and the field, and changes nothing", async () => {
    await expect(store.apply(badRoute)).rejects.toThrow(
      /^\/\S+\/overlay\.yaml:8: VirtualService product: spec\.http\[0\]: Envoy \((product|order)-v\d-\d\) refused this: missing \): \(\($/,
    );
    expect((await fromOrder(ordersMayReserve)).status).toBe(200);
  });

  test('is reported with the field of an EnvoyFilter', async () => {
    const patch = store.apply(`
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: lua }
spec:
  workloadSelector: { labels: { istio: gateway } }
  configPatches:
    - applyTo: HTTP_FILTER
      match: { listener: { filterChain: { filter: { name: envoy.filters.network.http_connection_manager } } } }
      patch:
        operation: INSERT_FIRST
        value:
          name: lua
          typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, sourcecode: {} }
`);
    await expect(patch).rejects.toThrow(
      /overlay\.yaml:12: EnvoyFilter lua: spec\.configPatches\[0\]\.patch\.value: Envoy \(gateway\) refused this: .*sourcecode/,
    );
    expect((await atGateway()).status).toBe(200);
  });

  test('is reported again, and does not block a valid configuration', async () => {
    await expect(store.apply(badRoute)).rejects.toThrow('missing )');
    await expect(store.apply(badRoute)).rejects.toThrow('missing )');
    await store.apply(meshRoute('route: [{ destination: { host: product, subset: v2 } }]'));
    expect(instanceOf(await fromOrder(ordersMayReserve))).toBe('product-v2-1');
  });
});
