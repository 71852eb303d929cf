import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectControl } from '@meshmart/local-platform/control/client';
import { type FakePlatform, startFakePlatform } from '@meshmart/local-platform/test/fake-platform';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ExperimentFolder } from '../src/find-experiments.ts';
import { localTarget } from '../src/on-local/target.ts';
import { runExperiment } from '../src/run-experiment.ts';
import type { RunContext } from '../src/run-phase.ts';
import type { Target } from '../src/target.ts';

let folder: string;
let experiment: ExperimentFolder;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mm-'));
  await mkdir(join(folder, 'shift'));
  await writeFile(join(folder, 'shift/istio.yaml'), '');
  experiment = {
    name: 'shift',
    folder: join(folder, 'shift'),
    variant: '',
    summary: '',
    needs: { services: { product: ['v1'] }, targets: ['local'] },
    phases: { baselineS: 1, observeS: 2, restoreS: 3 },
    expectations: [
      {
        name: 'share',
        unit: '%',
        metric: 'share',
        thresholds: { baseline: 'rate==0', observe: 'rate==0.1', restore: 'rate==0' },
        reason: 'why',
      },
      {
        name: 'seen by product',
        value: (phase) => phase.service('product', 'requests_by_peer_total', { peer: 'gateway' }),
        agreesWith: (phase) => phase.k6('http_reqs', 'count'),
        reason: 'why',
      },
    ],
  };
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes a k6 that sends nothing: it logs how it was started and writes a summary, after some behaviour of its own. */
async function writeK6(behaviour = ''): Promise<string> {
  const file = join(folder, 'k6');
  await writeFile(
    file,
    `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { PHASE, DURATION_S, SUMMARY_FILE, K6_VUS } = process.env;
const [, thresholds] = /thresholds: ({.*}) };/.exec(readFileSync(process.argv.at(-1), 'utf8'));
appendFileSync(${JSON.stringify(join(folder, 'k6.log'))}, PHASE + ' ' + DURATION_S + 's ' + K6_VUS + ' ' + thresholds + '\\n');
${behaviour}
const rate = PHASE === 'observe' ? 0.1 : 0;
const share = { values: { rate }, thresholds: { ['rate==' + rate]: { ok: true } } };
writeFileSync(SUMMARY_FILE, JSON.stringify({ metrics: { share, http_reqs: { values: { count: 100 } } } }));
`,
  );
  await chmod(file, 0o755);
  return file;
}

async function run(platform: FakePlatform, k6: string, signal = new AbortController().signal) {
  const local = localTarget({
    control: connectControl(platform.controlSocket),
    directory: folder,
    k6,
    failed: new AbortController().signal,
    readAdmin: async () => ({ email: 'admin@meshmart.example', password: 'not asked for' }),
    end: async () => {},
  });
  const steps: string[] = [];
  const step = <T>(title: string, work: () => Promise<T>) => {
    steps.push(title.split(':')[0] as string);
    return work();
  };
  const warnings: string[] = [];
  const warn = (line: string) => warnings.push(line);
  const reportFolder = join(folder, 'reports');
  const context = { target: local, rounds: 1, seed: 1, reportFolder, signal, step, log: warn, warn };
  const outcome = await runExperiment(experiment, context);
  return { ...outcome, steps, warnings };
}

test('measures the baseline and the observed phase, and restores the standing mesh', async () => {
  await using platform = await startFakePlatform(folder);
  const { expectations, k6, steps, warnings } = await run(platform, await writeK6());
  expect(platform.calls).toEqual(['PUT', 'PUT istio.yaml', 'DELETE']);
  expect(steps).toEqual(['baseline', 'apply', 'observe', 'restore', 'restore']);
  expect(warnings).toEqual(['istio.yaml is odd']);
  expect(expectations).toEqual([
    { name: 'share', expected: '0 % → 10 %', baseline: 0, observed: 10, ok: true, reason: 'why' },
    {
      name: 'seen by product',
      expected: '100 → 100 as k6 counts, ± 1 %',
      baseline: 100,
      observed: 100,
      ok: true,
      reason: 'why',
    },
    { name: 'after restore: share', expected: '0 %', baseline: 0, observed: 0, ok: true, reason: 'why' },
  ]);
  expect(k6.observed.http_reqs?.values.count).toBe(100);
});

test('gives k6 its phase with its thresholds, and no environment of the caller', async () => {
  await using platform = await startFakePlatform(folder);
  process.env.K6_VUS = '1000';
  await run(platform, await writeK6()).finally(() => delete process.env.K6_VUS);
  const log = await readFile(join(folder, 'k6.log'), 'utf8');
  expect(log.trim().split('\n')).toEqual([
    'baseline 1s undefined {"share":["rate==0"]}',
    'observe 2s undefined {"share":["rate==0.1"]}',
    'restore 3s undefined {"share":["rate==0"]}',
  ]);
});

test('applies baseline.yaml in both phases', async () => {
  await using platform = await startFakePlatform(folder);
  await writeFile(join(experiment.folder, 'baseline.yaml'), '');
  await run(platform, await writeK6());
  expect(platform.calls).toEqual(['PUT baseline.yaml', 'PUT baseline.yaml istio.yaml', 'DELETE']);
});

describe('a manifest that is applied under load', () => {
  const lasting = "if (PHASE === 'observe') return setTimeout(() => {}, 60_000);";
  const readLog = () => existsSync(join(folder, 'k6.log')) && readFile(join(folder, 'k6.log'), 'utf8');

  test('is applied while the observed load runs', async () => {
    await using platform = await startFakePlatform(folder);
    experiment.phases.applyAfterS = 0.5;
    const applied = JSON.stringify(join(folder, 'applied'));
    const running = run(
      platform,
      await writeK6(`while (PHASE === 'observe' && !require('node:fs').existsSync(${applied}));`),
    );
    await expect.poll(readLog, { timeout: 10_000 }).toContain('observe');
    await expect.poll(() => platform.calls).toEqual(['PUT', 'PUT istio.yaml']);
    await writeFile(join(folder, 'applied'), '');
    const { steps, warnings, expectations } = await running;
    expect(steps).toEqual(['baseline', 'observe', 'restore', 'restore']);
    expect(warnings).toEqual(['istio.yaml is odd']);
    expect(expectations[0]).toMatchObject({ name: 'share', baseline: 0, observed: 10, ok: true });
  });

  test('is applied document by document, in the order of the file', async () => {
    await using platform = await startFakePlatform(folder);
    experiment.phases = { ...experiment.phases, applyAfterS: 0.1, applyEveryS: 0.1 };
    await writeFile(join(experiment.folder, 'istio.yaml'), '# first\n---\n# second\n');
    await writeFile(join(experiment.folder, 'baseline.yaml'), '');
    const slow = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)';
    await run(platform, await writeK6(`if (PHASE === 'observe') ${slow};`));
    expect(platform.calls).toEqual([
      'PUT baseline.yaml',
      'PUT baseline.yaml 1-istio.yaml',
      'PUT baseline.yaml 1-istio.yaml 2-istio.yaml',
      'DELETE',
    ]);
  });

  test('fails when the load ends first', async () => {
    await using platform = await startFakePlatform(folder);
    experiment.phases.applyAfterS = 60;
    await expect(run(platform, await writeK6())).rejects.toThrow(
      'the load ended before every proxy had the manifest',
    );
    expect(platform.calls).toEqual(['PUT', 'DELETE']);
  });

  test('ends the load when the mesh rejects it', async () => {
    await using platform = await startFakePlatform(folder, 'istio.yaml');
    experiment.phases.applyAfterS = 0.1;
    await expect(run(platform, await writeK6(lasting))).rejects.toThrow('unknown field spec.htp');
    expect(platform.calls).toEqual(['PUT', 'PUT istio.yaml', 'DELETE']);
  });

  test('is not applied after an interruption', async () => {
    await using platform = await startFakePlatform(folder);
    experiment.phases.applyAfterS = 60;
    const interruption = new AbortController();
    const running = run(platform, await writeK6(lasting), interruption.signal);
    await expect.poll(readLog, { timeout: 10_000 }).toContain('observe');
    interruption.abort('SIGINT');
    await expect(running).rejects.toThrow('interrupted by SIGINT');
    expect(platform.calls).toEqual(['PUT', 'DELETE']);
  });

  test('excludes an action', async () => {
    await using platform = await startFakePlatform(folder);
    experiment.phases.applyAfterS = 1;
    experiment.action = { run: async () => ({}), undo: async () => {} };
    await expect(run(platform, await writeK6())).rejects.toThrow('`action` and `phases.applyAfterS`');
    expect(platform.calls).toEqual([]);
  });
});

test.each([
  { inBaseline: false, told: ['observe faulty', 'observe clear'] },
  { inBaseline: true, told: ['baseline faulty', 'baseline clear', 'observe faulty', 'observe clear'] },
])('disturbs the store when it says so: %j', async ({ inBaseline, told }) => {
  await using platform = await startFakePlatform(folder);
  const [product] = platform.status.instances;
  const seen: string[] = [];
  const faults = createServer(async (request, response) => {
    const { errorRate } = JSON.parse((await request.setEncoding('utf8').toArray()).join(''));
    const phase = platform.calls.at(-1) === 'PUT' ? 'baseline' : 'observe';
    const line = `${phase} ${errorRate ? 'faulty' : 'clear'}`;
    if (seen.at(-1) !== line) seen.push(line);
    response.end('{}');
  }).listen(product?.faultsSocket);
  onTestFinished(() => void faults.close());
  experiment.disturbance = { faults: { 'product-v1-1': { errorRate: 1 } }, inBaseline };
  await run(platform, await writeK6());
  expect(seen).toEqual(told);
});

test('restores when the mesh rejects the manifest, and gives its reason', async () => {
  await using platform = await startFakePlatform(folder, 'istio.yaml');
  await expect(run(platform, await writeK6())).rejects.toThrow('istio.yaml:3: unknown field spec.htp');
  expect(platform.calls).toEqual(['PUT', 'PUT istio.yaml', 'DELETE']);
});

test('restores when k6 breaks off, and gives its last output', async () => {
  await using platform = await startFakePlatform(folder);
  const k6 = await writeK6(
    "if (PHASE === 'observe') { console.error('SyntaxError in load.ts'); process.exit(107); }",
  );
  await expect(run(platform, k6)).rejects.toThrow(/k6 ended with code 107: SyntaxError in load.ts/);
  expect(platform.calls.at(-1)).toBe('DELETE');
});

test('restores when it is interrupted, without waiting for the load to end', async () => {
  await using platform = await startFakePlatform(folder);
  const k6 = await writeK6("if (PHASE === 'observe') return setTimeout(() => {}, 60_000);");
  const interruption = new AbortController();
  const running = run(platform, k6, interruption.signal);
  const observing = () => existsSync(join(folder, 'k6.log')) && readFile(join(folder, 'k6.log'), 'utf8');
  await expect.poll(observing, { timeout: 10_000 }).toContain('observe');
  interruption.abort('SIGINT');
  await expect(running).rejects.toThrow('interrupted by SIGINT');
  expect(platform.calls.at(-1)).toBe('DELETE');
});

test('sends no load when the target has no traces', async () => {
  await using platform = await startFakePlatform(folder);
  experiment.traces = 'traces_begun';
  await expect(run(platform, await writeK6())).rejects.toThrow('`traces` needs the target "cluster"');
  expect(existsSync(join(folder, 'k6.log'))).toBe(false);
  expect(platform.calls).toEqual(['PUT', 'DELETE']);
});

test('does not begin before all versions that it needs are ready', async () => {
  await using platform = await startFakePlatform(folder);
  experiment.needs.services = { product: ['v1', 'v2'] };
  await expect(run(platform, await writeK6())).rejects.toThrow(
    'shift needs product v2 to be ready: there is none',
  );
  experiment.needs.services = { product: ['v1'] };
  for (const instance of platform.status.instances) instance.state = 'starting';
  await expect(run(platform, await writeK6())).rejects.toThrow(
    'product v1 to be ready: product-v1-1 is starting',
  );
  expect(platform.calls).toEqual([]);
});

test('requires Rollouts when it needs them, and refuses to change routes of Rollouts', async () => {
  const status = { gatewayUrl: '', instances: [], rollouts: ['product'] };
  const context = { target: { status: async () => status } as unknown as Target } as RunContext;
  const ownRoutes = 'shift applies routes whose weights Argo Rollouts sets';
  await expect(runExperiment(experiment, context)).rejects.toThrow(ownRoutes);
  experiment.action = { run: async () => ({}), undo: async () => {} };
  await expect(runExperiment(experiment, context)).rejects.toThrow(ownRoutes);
  experiment.needs.rollouts = ['product', 'order'];
  await expect(runExperiment(experiment, context)).rejects.toThrow(
    'shift needs product, order to be Rollouts: ./meshmart cluster up --environment rollouts',
  );
});

test('requires a store from Git when it needs one', async () => {
  await using platform = await startFakePlatform(folder);
  experiment.needs.isFromGit = true;
  await expect(run(platform, await writeK6())).rejects.toThrow(
    'shift needs a store that Argo CD deploys, and Helm deployed this one: ./meshmart cluster up',
  );
  expect(platform.calls).toEqual([]);
});

test('takes the lock and applies nothing when the pattern is an action', async () => {
  await using platform = await startFakePlatform(folder);
  await rm(join(experiment.folder, 'istio.yaml'));
  experiment.action = { run: async () => ({}), undo: async () => {} };
  await expect(run(platform, await writeK6())).rejects.toThrow('`action` needs the target "cluster"');
  expect(platform.calls).toEqual(['PUT', 'DELETE']);
});
