import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@meshmart/test-support/eventually';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Span, startOtlpReceiver } from './otlp-receiver.ts';
import { endStore, makeState, type RunningStore, startStore } from './running-store.ts';

const { state, remove } = makeState();
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let store: RunningStore;
let customer: { authorization: string };
const traceId = crypto.randomUUID().replaceAll('-', '');
const password = 'correct horse';

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  store = await startStore(state, [], receiver.environment);
});
afterAll(async () => {
  await endStore(store, remove);
  receiver.close();
});

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://127.0.0.1:${store.port}${path}`, {
    method,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
  return JSON.parse(await answer.text());
}

/** @returns the headers for a customer's calls */
async function register(): Promise<{ authorization: string }> {
  const account = { email: `${crypto.randomUUID()}@meshmart.example`, password };
  await call('POST', '/users', { ...account, name: 'Ada' });
  const { accessToken } = await call('POST', '/sessions', account);
  return { authorization: `Bearer ${accessToken}` };
}

test('a checkout is one trace through all services, each span below its caller', async () => {
  customer = await register();
  const { items } = await call('GET', '/products?limit=1&q=mug');
  const order = await call(
    'POST',
    '/orders',
    { items: [{ productId: items[0].id, quantity: 1 }], paymentToken: 'tok_approved' },
    { ...customer, 'idempotency-key': 'trace', traceparent: `00-${traceId}-0000000000000001-01` },
  );
  expect(order.status).toBe('confirmed');

  const ofTrace = () => receiver.spans.filter((span) => span.traceId === traceId);
  const services = () => [...new Set(ofTrace().map(({ service }) => service))].sort();
  await eventually(() => services().length >= 4);
  expect(services()).toEqual(['order', 'payment', 'product', 'user']);

  await eventually(() => orphans(ofTrace()).length === 1);
  expect(orphans(ofTrace())).toMatchObject([{ service: 'order', parentSpanId: '0000000000000001' }]);
  const steps = ['reserve-stock', 'authorise-payment', 'confirm-stock', 'capture-payment'];
  const names = ofTrace().map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('saga '))).toEqual(steps.map((step) => `saga ${step}`));
});

/** Returns the spans whose parent is not in the trace: in a complete one, only the first, a child of the client. */
function orphans(spans: Span[]): Span[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''));
}

test('all services log the trace id, and no password or token is in logs or spans', async () => {
  const readLog = (instance: string) => readFileSync(join(store.layout.logs, `${instance}.log`), 'utf8');
  const { instances } = await store.status();
  const logsOf = (service: string) =>
    instances
      .filter((instance) => instance.service === service)
      .map(({ name }) => readLog(name))
      .join('');
  for (const service of ['order', 'payment', 'product', 'user']) {
    expect(logsOf(service)).toContain(`"trace_id":"${traceId}"`);
  }
  const written = JSON.stringify(receiver.spans) + instances.map(({ name }) => readLog(name)).join('');
  for (const secret of [password, customer.authorization, 'Bearer ey']) expect(written).not.toContain(secret);
});

test('every service counts requests by route, version and caller', async () => {
  const { instances } = await store.status();
  const metricsOf = async (name: string) => {
    const socketPath = instances.find((instance) => instance.name === name)?.appSocket ?? '';
    const dispatcher = new Agent({ connect: { socketPath } });
    return (await request('http://instance/metrics', { dispatcher })).body.text();
  };
  const payment = await metricsOf('payment-v1-1');
  expect(payment).toMatch(
    /http_server_request_duration_count\{.*http_route="\/payments".*service_version="v1".*\} 1/,
  );
  expect(payment).toMatch(
    /meshmart_requests_by_peer_total\{peer="spiffe:\/\/cluster.local\/ns\/meshmart\/sa\/order".*\} 2/,
  );
});
