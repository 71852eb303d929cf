import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { expect, test, vi } from 'vitest';
import { countRootSpans, listCallPaths } from '../src/call-paths.ts';
import type { Span, Trace } from '../src/experiment.ts';
import { readTraces } from '../src/on-cluster/jaeger.ts';
import type { Target } from '../src/target.ts';
import { listTraceIds, newTraceRunId, readCompleteTraces } from '../src/traces.ts';
import { waitForDrainedListeners } from '../src/wait-for-drained-listeners.ts';
import { createFakeKube } from './on-cluster/fake-kube.ts';

const never = new AbortController().signal;

/** Builds spans from `service` or `service under number`. The client's own span is missing. */
function traceOf(...lines: string[]): Trace {
  const spans = lines.map((line, index): Span => {
    const [service = '', parent = 'client'] = line.split(' under ');
    return { id: String(index), service, parent };
  });
  return { id: 'a', spans };
}

const whole = traceOf(
  'edge',
  'edge under 0',
  'order under 1',
  'order under 2',
  'product under 3',
  'user under 2',
);

test('lists call paths', () => {
  expect([...listCallPaths(whole)]).toEqual([
    'edge',
    'edge > order',
    'edge > order > product',
    'edge > order > user',
  ]);
  expect(countRootSpans(whole)).toBe(1);
});

test('a service that does not propagate its context begins a new root', () => {
  const broken = traceOf('edge', 'order under 0', 'product under lost');
  expect([...listCallPaths(broken)]).toEqual(['edge', 'edge > order', 'product']);
  expect(countRootSpans(broken)).toBe(2);
});

test('k6 and the runner give the same ids to the same traces', async () => {
  const run = newTraceRunId();
  vi.stubGlobal('__ENV', { TRACE_RUN: run });
  const { traceparentOf } = await import(join(config.root, 'loadtest/trace.ts'));
  const headers = Array.from({ length: 20 }, (_, number) => traceparentOf(number));
  expect(headers.map((header) => header.split('-')[1])).toEqual(listTraceIds(run, 20));
  for (const header of headers) expect(header).toMatch(/^00-[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
});

test('reads until nothing new arrives, even when nothing arrives at first', async () => {
  const looks = [[], [], [traceOf('edge')], [whole], [whole]];
  let asked = 0;
  const read = async () => looks[Math.min(asked++, looks.length - 1)] as Trace[];
  expect(await readCompleteTraces(read, never, { quietMs: 50, lookEveryMs: 1 })).toEqual([whole]);
  expect(asked).toBeGreaterThan(looks.length);
});

test('ends early when it is interrupted', async () => {
  const interruption = new AbortController();
  const read = async () => {
    interruption.abort();
    return [];
  };
  await expect(readCompleteTraces(read, interruption.signal)).rejects.toThrow(/abort/);
});

test('reads some traces at a time, and leaves out those that Jaeger does not know', async () => {
  const kube = createFakeKube();
  const ids = listTraceIds('0123456789abcdef', 51);
  const asked: number[] = [];
  kube.responses['get --raw /api/v1/namespaces/observability/services/jaeger:http/proxy/api/traces?'] = ([
    ,
    ,
    path,
  ]) => {
    asked.push([...(path ?? '').matchAll(/traceID=/g)].length);
    const spans = [
      { spanID: '1', processID: 'p1', references: [{ refType: 'CHILD_OF', spanID: 'c' }] },
      { spanID: '2', processID: 'p2', references: [] },
    ];
    const processes = { p1: { serviceName: 'order.meshmart' }, p2: { serviceName: 'order' } };
    return JSON.stringify({
      data: path?.includes(ids[50] as string) ? [{ traceID: ids[50], spans, processes }] : [],
    });
  };
  expect(await readTraces(kube, ids)).toEqual([
    {
      id: ids[50],
      spans: [
        { id: '1', parent: 'c', service: 'order.meshmart' },
        { id: '2', parent: undefined, service: 'order' },
      ],
    },
  ]);
  expect(asked).toEqual([50, 1]);
});

test('waits for older listeners, and for proxies that do not answer', async () => {
  const told = [
    { 'listener_manager.total_listeners_warming': 1 },
    { 'listener_manager.total_filter_chains_draining': 2 },
    undefined,
    { 'listener_manager.total_filter_chains_draining': 0, 'listener_manager.total_listeners_active': 9 },
  ];
  let asked = 0;
  const takeSnapshot = async () => ({ proxies: new Map([['gateway', told[asked++]]]), services: new Map() });
  await waitForDrainedListeners({ takeSnapshot } as unknown as Target, never, 0);
  expect(asked).toBe(told.length);
});
