import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const run = promisify(execFile);

async function runServices(env: Record<string, string> = {}) {
  const { stdout, stderr } = await run(
    process.execPath,
    ['--import', './src/register.ts', 'test/services.ts'],
    {
      cwd: join(import.meta.dirname, '..'),
      env: {
        ...process.env,
        OTEL_SERVICE_NAME: 'shop',
        SERVICE_VERSION: 'v2',
        INSTANCE_ID: 'shop-1',
        ...env,
      },
    },
  );
  const { forwarded, metrics } = JSON.parse(stdout);
  const logs = stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  return { forwarded, metrics: metrics as string, logs, stderr };
}

test('forwards the routing headers and the trace to the peer, and no other header', async () => {
  const { forwarded, logs } = await runServices();
  const traceId = logs.find(({ msg }) => msg === 'asking').trace_id;
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(forwarded).toMatchObject({ 'end-user': 'jason', 'x-meshmart-cohort': 'b' });
  expect(forwarded.traceparent).toContain(traceId);
  expect(forwarded).not.toHaveProperty('x-other');
});

test('counts requests by route, status and version', async () => {
  const { metrics } = await runServices();
  const line = metrics.split('\n').find((text) => text.startsWith('http_server_request_duration_count'));
  for (const label of ['http_route="/', 'http_response_status_code="200"', 'service_version="v2"']) {
    expect(line).toContain(label);
  }
  expect(metrics).toMatch(
    /http_route="\/front\/:id".*service_name="shop".*service_instance_id="shop-1".* 1\n/,
  );
});

test('sends the spans of server, client, framework and database driver to the endpoint, all of one trace', async () => {
  const bodies: Buffer[] = [];
  const collector = createServer(async (request, response) => {
    bodies.push(Buffer.concat(await request.toArray()));
    response.end();
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void collector.close());
  const { port } = collector.address() as { port: number };

  const { logs } = await runServices({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
  // OTLP is protobuf, which contains names and ids as plain bytes.
  const sent = Buffer.concat(bodies);
  for (const scope of [
    'instrumentation-http',
    'instrumentation-undici',
    'instrumentation-pg',
    '@fastify/otel',
  ]) {
    expect(sent.includes(scope), scope).toBe(true);
  }
  const { trace_id } = logs.find(({ msg }) => msg === 'asking');
  expect(sent.includes(Buffer.from(trace_id, 'hex'))).toBe(true);
  // Queries of background jobs, every second, would drown the traces of requests.
  expect([sent.includes('of-a-request'), sent.includes('between-requests')]).toEqual([true, false]);
  // Client input in query and headers may contain secrets.
  for (const text of ['4111111111111111', 'a-secret']) expect(sent.includes(text), text).toBe(false);
});

test('without an endpoint, prints nothing and connects to nothing', async () => {
  const { stderr } = await runServices();
  expect(stderr.split('\n').filter((line) => line && !line.startsWith('{'))).toEqual([]);
});
