import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetName } from '@meshmart/experiment-runner/experiment';
import type { Result } from '@meshmart/experiment-runner/report';
import { config } from '@meshmart/toolchain/config';
import { expect, onTestFinished } from 'vitest';

export interface Run {
  code: number | null;
  output: string;
  result: Result;
  reports: string[];
}

/** A folder in which experiments are changed and run. */
export interface ExperimentRuns {
  /** Runs an experiment to its end. `meanwhile` gets the process and its output so far. */
  run(name: string, meanwhile?: (run: ChildProcess, output: string) => void): Promise<Run>;
  /**
   * Copies an experiment with another manifest. Baseline and restore take 2 s, since the phase between them has to
   * fail. That phase takes half its time, or all of it if `inFull`.
   */
  changeManifest(name: string, change: (manifest: string) => string, inFull?: boolean): Promise<string>;
  /** Copies an experiment with changes in some files. */
  changeFiles(name: string, changes: Record<string, (text: string) => string>): Promise<string>;
  remove(): Promise<void>;
}

/** Creates a folder for changed experiments. @param where options of the command that choose the target */
export async function prepareRuns(where: string[]): Promise<ExperimentRuns> {
  const folder = await mkdtemp(join(tmpdir(), 'meshmart-e2e-'));
  // Copies keep the relative places of the checkout, so that their imports work.
  for (const shared of ['loadtest', 'experiments'])
    await cp(join(config.root, shared), join(folder, shared), { recursive: true });
  await symlink(join(config.root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const changeFiles: ExperimentRuns['changeFiles'] = async (name, changes) => {
    const copy = join(folder, 'experiments', name);
    await rm(copy, { recursive: true, force: true });
    await mkdir(copy, { recursive: true });
    await cp(join(config.root, 'experiments', name), copy, { recursive: true });
    for (const [file, change] of Object.entries(changes)) await rewrite(join(copy, file), change);
    return copy;
  };
  return {
    async run(name, meanwhile) {
      const runFolder = await mkdtemp(join(folder, 'run-'));
      const jsonFile = join(runFolder, 'outcome.json');
      const reportFolder = join(runFolder, 'reports');
      const options = ['--json', jsonFile, '--report', reportFolder, ...where];
      const args = [join(config.root, 'meshmart.mjs'), 'experiment', name, ...options];
      const run = spawn(process.execPath, args);
      const closed = once(run, 'close');
      // The run would otherwise survive a test that timed out.
      onTestFinished(async () => {
        if (run.kill()) await closed;
      });
      let output = '';
      for (const stream of [run.stdout, run.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          meanwhile?.(run, output);
        });
      }
      const [code] = await closed;
      const outcome = await readFile(jsonFile, 'utf8');
      const result = JSON.parse(outcome || 'null'); // the file is empty when the run was killed
      return { code, output, result, reports: await readdir(reportFolder).catch(() => []) };
    },
    changeManifest(name, change, inFull = false) {
      const halve = (_: string, phase: string, seconds: string) =>
        `${phase}: ${Math.ceil(Number(seconds) / 2)}`;
      return changeFiles(name, {
        'istio.yaml': change,
        'experiment.ts': (text) => {
          const shorter = text
            .replace(/(baselineS|restoreS): (?:[5-9]|\d{2,})/g, '$1: 4')
            .replace(/(baseline|restore): 'count>=\d+'/g, "$1: 'count>=1'");
          return inFull ? shorter : shorter.replace(/(observeS|applyAfterS): (\d+)/g, halve);
        },
      });
    },
    changeFiles,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  await writeFile(file, changed);
}

const empty = () => '# nothing\n';
const share = 'v2 share of GET /products';

/** A wrong manifest, with the expectation that must fail and the range of its number. */
interface ManifestMutant {
  mutant: string;
  change(manifest: string): string;
  expectation: string;
  observed: [number, number];
  /** True if the numbers are so close that they need as many requests as the experiment. */
  inFull?: boolean;
}

const moreToV2 = (yaml: string) =>
  yaml.replace('weight: 90', 'weight: 70').replace('weight: 10', 'weight: 30');

const swappedLabels = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: product }
spec:
  host: product
  subsets:
    - { name: v1, labels: { version: v2 } }
    - { name: v2, labels: { version: v1 } }
`;

/** Mutants of experiments that run locally. */
export const mutants: ManifestMutant[] = [
  { mutant: 'canary with an empty manifest', change: empty, expectation: share, observed: [0, 0] },
  {
    mutant: 'canary with 70/30',
    change: moreToV2,
    expectation: share,
    observed: [27, 33],
    inFull: true,
  },
  {
    mutant: 'canary with swapped labels',
    change: (yaml) => `${yaml}---\n${swappedLabels}`,
    expectation: share,
    observed: [87, 93],
  },
  {
    mutant: 'canary for a wrong host',
    // A VirtualService with hosts is no delegate, so that the standing route finds none.
    change: (yaml) => yaml.replace('spec:', 'spec:\n  hosts: [shop.example.com]\n  gateways: [store]'),
    expectation: 'failed requests',
    observed: [100, 100],
  },
  {
    mutant: 'fault-abort with an empty manifest',
    change: empty,
    expectation: 'failed GET /products',
    observed: [0, 0],
  },
  {
    mutant: 'fault-delay with an empty manifest',
    change: empty,
    expectation: 'median of GET /products',
    observed: [0, 200],
  },
  {
    mutant: 'strict-mtls with an empty manifest',
    change: empty,
    expectation: "plain HTTP to product's sidecar, accepted",
    observed: [100, 100],
  },
  {
    mutant: 'outlier-ejection with an empty manifest',
    change: empty,
    expectation: 'successful requests',
    observed: [60, 73],
  },
  {
    mutant: 'outlier-ejection with 20 %',
    change: (yaml) => yaml.replace('maxEjectionPercent: 50', 'maxEjectionPercent: 20'),
    expectation: "instances ejected, by the gateway's proxy",
    observed: [0, 0],
  },
  {
    mutant: 'circuit-breaker with an empty manifest',
    change: empty,
    expectation: 'refused of three at a time',
    observed: [0, 0],
  },
  {
    mutant: 'circuit-breaker with room for three',
    change: (yaml) => yaml.replace(/: 1$/gm, ': 3'),
    expectation: 'refused of three at a time',
    observed: [0, 0],
  },
  {
    mutant: 'blue-green with an empty manifest',
    change: empty,
    expectation: 'v2 share of the last requests',
    observed: [0, 0],
  },
];

/** Mutants that run on a cluster. */
export const clusterMutants: ManifestMutant[] = [
  {
    mutant: 'blue-green to a version that there is not',
    change: (yaml) => yaml.replaceAll('subset: v2', 'subset: v3'),
    expectation: 'failed requests',
    observed: [40, 75],
  },
  {
    mutant: 'blue-green for the gateway alone',
    change: (yaml) => yaml.replace(/^---[\s\S]*/m, ''),
    expectation: "calls to v2, by the storefront's proxy",
    observed: [0, 0],
  },
  { mutant: 'gateway-api with an empty manifest', change: empty, expectation: share, observed: [0, 0] },
  {
    mutant: 'gateway-api with 70/30',
    change: moreToV2,
    expectation: share,
    observed: [27, 33],
    inFull: true,
  },
  {
    mutant: 'trace-one-checkout with an empty manifest',
    change: empty,
    expectation: 'traces with every hop under its caller',
    observed: [0, 0],
  },
  {
    mutant: 'trace-one-checkout for payment alone',
    change: (yaml) => yaml.replace('spec:', 'spec:\n  selector: { matchLabels: { app: payment } }'),
    expectation: 'proxies and services in every trace',
    observed: [4, 4],
  },
];

export function expectPass(name: string, platform: TargetName, run: Run): void {
  const { code, output, result, reports } = run;
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect(result).toMatchObject({ experiment: name, target: platform, mesh: 'istio', verdict: 'pass' });
  expect(code).toBe(0);
  expect(output).toContain(`PASS ${name}`);
  expect(reports.sort()).toEqual(['baseline.html', 'observe.html']);
  expectRestored(result);
}

/** Expects a run to fail by its observed number, and not because it broke off. */
export function expectFailure(
  { expectation, observed }: Pick<ManifestMutant, 'expectation' | 'observed'>,
  run: Run,
): void {
  const { code, output, result } = run;
  const found = result.expectations.find(({ name }) => name === expectation);
  expect(found, output).toMatchObject({ ok: false });
  expect(found?.observed).toBeGreaterThanOrEqual(observed[0]);
  expect(found?.observed).toBeLessThanOrEqual(observed[1]);
  expect(result.verdict).toBe('fail');
  expect(code).toBe(1);
  expect(output).toMatch(new RegExp(`FAIL .*${expectation}`));
  expectRestored(result);
}

function expectRestored({ expectations }: Result): void {
  const restored = expectations.filter(({ name }) => name.startsWith('after restore: '));
  expect(restored.length).toBeGreaterThan(0);
  expect(restored.filter(({ ok }) => !ok)).toEqual([]);
}
