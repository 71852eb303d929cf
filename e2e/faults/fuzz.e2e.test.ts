import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endStore, makeState, type RunningStore, startStore } from '../running-store.ts';
import { readRequestCounts } from './fuzz/request-counts.ts';
import { runSchemathesis } from './fuzz/run-schemathesis.ts';
import { makeSamples, type Samples } from './fuzz/samples.ts';
import { type Finding, type Malformed, sendMalformed } from './fuzz/send-malformed.ts';
import { listTargets, type Target } from './fuzz/targets.ts';
import { createRandom, scale, seed } from './scale.ts';

const examples = scale(2, 40);
const malformedToInstances = scale(4000, 85_000);
const malformedThroughGateway = scale(1000, 10_000);
const atLeast = scale(5500, 100_000);
const timeoutMs = 3 * 3_600_000;
const reports = fileURLToPath(new URL('../reports/fuzz/', import.meta.url));

const { state, remove } = makeState();
let store: RunningStore;
let samples: Samples;
let targets: Target[];
let pids: (number | undefined)[];
/** Number of requests so far. */
let sent = 0;

beforeAll(async () => {
  rmSync(reports, { recursive: true, force: true });
  store = await startStore(state);
  samples = await makeSamples(store);
  targets = await listTargets(store);
  pids = instancePids();
});
afterAll(() => endStore(store, remove));

const instancePids = () => [...new Set(targets.map(({ instance }) => store.pidOf(instance)))];
const socketOf = (name: string) => targets.find(({ instance }) => instance === name)?.socket as string;

// Payment takes no tokens: who may call it is the mesh's business.
test.concurrent.each([
  ['product-v1-1', 'admin'],
  ['order-v1-1', 'customer'],
  ['payment-v1-1', undefined],
  ['user-v1-1', 'customer'],
  ...scale([], [
    ['product-v2-1', 'admin'],
    ['product-v1-1', undefined],
    ['order-v1-1', 'admin'],
    ['order-v1-1', undefined],
    ['user-v1-1', 'admin'],
    ['user-v1-1', undefined],
  ] as const),
] as const)(
  '%s keeps to its document, asked by schemathesis as %s',
  async (instance, role) => {
    const token = role && samples.tokens[role];
    const service = instance.split('-')[0] as string;
    const run = { service, socket: socketOf(instance), token, examples };
    const { requests, failure } = await runSchemathesis(run);
    console.log(`${instance} as ${role ?? 'nobody'}: ${requests} requests by schemathesis`);
    sent += requests;
    expect(failure).toBe('');
    expect(requests).toBeGreaterThan(50);
  },
  timeoutMs,
);

test(
  `${malformedToInstances} malformed requests to the instances themselves`,
  async () => {
    const isOperated = ({ url }: Target) => /^\/(docs|health|metrics)\b/.test(url);
    const random = createRandom();
    const operated = targets.filter(isOperated);
    // The parser may refuse every one of a few requests to a route, so that none is counted.
    const toPeople = malformedToInstances * scale(0.5, 0.9);
    const malformed = [
      await sendMalformed({ targets: operated, samples, random }, malformedToInstances - toPeople),
      await sendMalformed({ targets: targets.filter((one) => !isOperated(one)), samples, random }, toPeople),
    ];
    for (const one of malformed) take(one, 'to the instances');
    expect(describe(malformed.flatMap(({ findings }) => findings))).toBe('');
  },
  timeoutMs,
);

test(
  `${malformedThroughGateway} malformed requests through the gateway`,
  async () => {
    const attack = { targets, samples, random: createRandom(), port: store.port };
    const malformed = await sendMalformed(attack, malformedThroughGateway);
    take(malformed, 'through the gateway');
    expect(describe(malformed.findings)).toBe('');
  },
  timeoutMs,
);

test('every route got a request, no instance died or counted a 5xx, and there were enough requests', async () => {
  const unasked: string[] = [];
  const failed: string[] = [];
  let counted = 0;
  for (const name of new Set(targets.map(({ instance }) => instance))) {
    const counts = await readRequestCounts(socketOf(name));
    for (const [route, statuses] of counts) {
      const sum = Object.values(statuses).reduce((a, b) => a + b, 0);
      counted += sum;
      if (scale(false, true)) console.log(`${name} ${route}: ${sum} ${JSON.stringify(statuses)}`);
      if (Object.keys(statuses).some((status) => status >= '500')) failed.push(`${name} ${route}`);
    }
    // Probes and metrics are not counted.
    const own = targets.filter(({ instance, url }) => instance === name && !/^\/(health|metrics)/.test(url));
    unasked.push(
      ...own
        .filter(({ method, url }) => !counts.has(`${method} ${url}`))
        .map(({ method, url }) => `${name} ${method} ${url}`),
    );
  }
  console.log(
    `${sent} requests on ${targets.length} routes; the instances count ${counted} of them, proxies and parsers refused others`,
  );
  expect({ unasked, failed, pids: instancePids() }).toEqual({ unasked: [], failed: [], pids });
  expect(sent).toBeGreaterThanOrEqual(atLeast);
});

function take({ sent: more, statuses, findings }: Malformed, how: string): void {
  sent += more;
  console.log(`${more} malformed requests ${how}: ${JSON.stringify(statuses)}, ${findings.length} findings`);
}

/** The first findings, each of whose requests is kept as it was sent. */
function describe(findings: Finding[]): string {
  mkdirSync(reports, { recursive: true });
  return findings
    .slice(0, 20)
    .map(({ what, target, malformed, request, answers }, index) => {
      const file = join(reports, `${seed}-${target.instance}-${index}.http`);
      writeFileSync(file, request);
      const shown = (text: string) => JSON.stringify(text.slice(0, 600));
      return [
        `${target.method} ${target.url} of ${target.instance} (${malformed.join(', ')}): ${what}`,
        `  ${shown(request.toString('latin1'))}`,
        `  ${shown(JSON.stringify(answers))}`,
        `  again: nc -U <run folder>/${target.instance}.app < ${file}; the whole run: TEST_SEED=${seed}`,
      ].join('\n');
    })
    .join('\n');
}
