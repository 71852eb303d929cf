import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ManifestMutant, TargetName } from '@meshmart/experiment-runner/experiment';
import type { ExperimentFolder } from '@meshmart/experiment-runner/find-experiments';
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

/** A mutant, with the experiment that it changes. Of the emptied manifest no number is known beforehand. */
export interface ExperimentMutant extends Omit<ManifestMutant, 'expectation' | 'observed'> {
  experiment: string;
  fails?: Pick<ManifestMutant, 'expectation' | 'observed'>;
}

/** Lists the mutants of experiments that have a manifest: the emptied one, and those of `mutants.ts`. */
export async function listMutants(experiments: ExperimentFolder[]): Promise<ExperimentMutant[]> {
  const lists = experiments.map(async ({ name: experiment, folder }) => {
    if (!existsSync(join(folder, 'istio.yaml'))) return [];
    const emptied = { experiment, mutant: 'an empty manifest', change: () => '# nothing\n' };
    const file = join(folder, 'mutants.ts');
    if (!existsSync(file)) return [emptied];
    const listed: ManifestMutant[] = (await import(pathToFileURL(file).href)).default;
    const more = listed.map(({ expectation, observed, ...mutant }) => {
      return { experiment, ...mutant, fails: { expectation, observed } };
    });
    return [emptied, ...more];
  });
  return (await Promise.all(lists)).flat();
}

/** Runs a mutant, and expects it to fail by an observed number. */
export async function expectMutantFails(runs: ExperimentRuns, mutant: ExperimentMutant): Promise<void> {
  const { experiment, change, inFull, fails } = mutant;
  const run = await runs.run(await runs.changeManifest(experiment, change, inFull));
  if (fails) return expectFailure(fails, run);
  const failed = run.result.expectations.filter(({ ok }) => !ok);
  expect(failed.length, run.output).toBeGreaterThan(0);
  for (const { observed } of failed) expect(observed).toEqual(expect.any(Number));
  expect({ code: run.code, verdict: run.result.verdict }).toEqual({ code: 1, verdict: 'fail' });
  expectRestored(run.result);
}

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
