import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { config } from '../../src/config.ts';
import { type Control, connectControl } from '../../src/experiment/control.ts';
import type { Result } from '../../src/experiment/report.ts';
import { layoutOf } from '../../src/platform/layout.ts';
import { findFreePorts } from '../../src/platform/ports.ts';
import { type Platform, startPlatform } from '../../src/platform.ts';

let folder: string;
let state: string;
let platform: Platform;
let control: Control;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshmart-proof-'));
  state = join(folder, 'state');
  const [port = 0] = await findFreePorts(1);
  platform = await startPlatform({ port, stateDirectory: state });
  control = connectControl(platform.controlSocket);
  // Changed experiments stand where their imports find the shared pieces, as in the checkout.
  await cp(join(config.root, 'loadtest'), join(folder, 'loadtest'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
}, 180_000);

afterAll(async () => {
  await platform?.stop();
  await rm(layoutOf(state).database, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}, 60_000);

interface Run {
  code: number | null;
  output: string;
  result: Result;
  reports: string[];
}

/** Runs the command against the platform of this file. `meanwhile` gets the process and what it has printed so far. */
async function runExperiment(
  name: string,
  meanwhile?: (run: ChildProcess, output: string) => void,
): Promise<Run> {
  const runFolder = await mkdtemp(join(folder, 'run-'));
  const jsonFile = join(runFolder, 'outcome.json');
  const reportFolder = join(runFolder, 'reports');
  const options = ['--json', jsonFile, '--report', reportFolder, '--state', state];
  const run = spawn(process.execPath, [join(config.root, 'meshmart.mjs'), 'experiment', name, ...options]);
  let output = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      meanwhile?.(run, output);
    });
  }
  const code = await new Promise<number | null>((resolve) => run.once('close', resolve));
  const result = JSON.parse(await readFile(jsonFile, 'utf8'));
  return { code, output, result, reports: await readdir(reportFolder).catch(() => []) };
}

/** A copy of an experiment with another manifest, and a shorter baseline: it is what comes after that has to fail. */
async function changeManifest(name: string, change: (manifest: string) => string): Promise<string> {
  const copy = join(folder, 'experiments', name);
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  await cp(join(config.root, 'experiments', name), copy, { recursive: true });
  await rewrite(join(copy, 'istio.yaml'), change);
  await rewrite(join(copy, 'experiment.ts'), (text) => text.replace(/baselineS: \d+/, 'baselineS: 3'));
  await rewrite(join(copy, 'load.ts'), (text) =>
    text.replace(/baseline: \['count>=\d+'\]/g, "baseline: ['count>=1']"),
  );
  return copy;
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  await writeFile(file, changed);
}

function restoredProofs({ proofs }: Result) {
  return proofs.filter(({ name }) => name.startsWith('after restore: '));
}

async function expectStandingState(result: Result): Promise<void> {
  expect(restoredProofs(result).length).toBeGreaterThan(0);
  expect(restoredProofs(result).filter(({ ok }) => !ok)).toEqual([]);
  expect(await control.status()).toMatchObject({ overlay: null });
}

test.each(['canary', 'fault-delay', 'fault-abort', 'strict-mtls', 'outlier-ejection', 'circuit-breaker'])(
  '%s is proven by its numbers, and gone afterwards',
  async (name) => {
    const { code, output, result, reports } = await runExperiment(name);
    expect(result.proofs.filter(({ ok }) => !ok)).toEqual([]);
    expect(result).toMatchObject({ experiment: name, platform: 'local', mesh: 'istio', verdict: 'pass' });
    expect(code).toBe(0);
    expect(output).toContain(`PASS ${name}`);
    expect(reports.sort()).toEqual(['baseline.html', 'observe.html']);
    await expectStandingState(result);
  },
  120_000,
);

describe('fails by the observed numbers', () => {
  const share = 'v2 share of GET /products';
  const failed = 'failed requests';
  const empty = () => '# nothing\n';
  const reweigh = (yaml: string) =>
    yaml.replace('weight: 90', 'weight: 70').replace('weight: 10', 'weight: 30');
  const swapLabels = (yaml: string) =>
    yaml.replace(/version: (v[12])/g, (_match, version) => `version: ${version === 'v1' ? 'v2' : 'v1'}`);
  const misname = (yaml: string) => yaml.replace('- "*"', '- shop.example.com');

  test.each([
    { mutant: 'canary with an empty manifest', change: empty, proof: share, observed: [0, 0] },
    { mutant: 'canary with 70/30', change: reweigh, proof: share, observed: [27, 33] },
    { mutant: 'canary with swapped labels', change: swapLabels, proof: share, observed: [87, 93] },
    { mutant: 'canary for a wrong host', change: misname, proof: failed, observed: [100, 100] },
    {
      mutant: 'fault-delay with an empty manifest',
      change: empty,
      proof: 'median of GET /products',
      observed: [0, 200],
    },
    {
      mutant: 'strict-mtls with an empty manifest',
      change: empty,
      proof: "plain HTTP to product's sidecar, accepted",
      observed: [100, 100],
    },
    {
      mutant: 'outlier-ejection with an empty manifest',
      change: empty,
      proof: 'successful requests',
      observed: [60, 73],
    },
    {
      mutant: 'outlier-ejection with 20 %',
      change: (yaml: string) => yaml.replace('maxEjectionPercent: 50', 'maxEjectionPercent: 20'),
      proof: "instances ejected, by the gateway's proxy",
      observed: [0, 0],
    },
    {
      mutant: 'circuit-breaker with an empty manifest',
      change: empty,
      proof: 'refused of three at a time',
      observed: [0, 0],
    },
    {
      mutant: 'circuit-breaker with room for three',
      change: (yaml: string) => yaml.replace(/: 1$/gm, ': 3'),
      proof: 'refused of three at a time',
      observed: [0, 0],
    },
  ])(
    '$mutant',
    async ({ mutant, change, proof, observed }) => {
      const { code, output, result } = await runExperiment(
        await changeManifest(mutant.split(' ')[0] as string, change),
      );
      const found = result.proofs.find(({ name }) => name === proof);
      expect(found).toMatchObject({ ok: false });
      expect(found?.observed).toBeGreaterThanOrEqual(observed[0] as number);
      expect(found?.observed).toBeLessThanOrEqual(observed[1] as number);
      expect(result.verdict).toBe('fail');
      expect(code).toBe(1);
      expect(output).toMatch(new RegExp(`FAIL .*${proof}`));
      await expectStandingState(result);
    },
    120_000,
  );
});

test.each([
  { wrong: 'malformed YAML', manifest: 'kind: [VirtualService\n', message: /istio\.yaml:\d+: / },
  {
    wrong: 'an unknown field',
    manifest:
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: store\nspec:\n  htp: []\n',
    message: /istio\.yaml:\d+: .*htp/,
  },
])('refuses a manifest with $wrong before any load is sent', async ({ manifest, message }) => {
  const { code, output, result } = await runExperiment(await changeManifest('canary', () => manifest));
  expect(output).toMatch(message);
  expect(output).not.toContain('baseline');
  expect(result).toMatchObject({ verdict: 'fail', k6: { baseline: null, observed: null } });
  expect(code).toBe(1);
});

test('restores the standing state when it is interrupted', async () => {
  let sent = false;
  const { code, output, result } = await runExperiment('strict-mtls', (run, soFar) => {
    if (sent || !soFar.includes('baseline')) return;
    sent = true;
    setTimeout(() => run.kill('SIGINT'), 1000);
  });
  expect(output).toContain('interrupted by SIGINT');
  expect({ code, verdict: result.verdict }).toEqual({ code: 1, verdict: 'fail' });
  expect(await control.status()).toMatchObject({ overlay: null });
}, 60_000);

test('waits for nobody: a second experiment beside a running one is refused', async () => {
  let second: Promise<Run> | undefined;
  await runExperiment('strict-mtls', (first, soFar) => {
    if (second || !soFar.includes('baseline')) return;
    second = runExperiment('strict-mtls').finally(() => first.kill('SIGINT'));
  });
  expect((await second)?.output).toMatch(/the experiment strict-mtls is running/);
}, 60_000);
