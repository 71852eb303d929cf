import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetName } from '@meshmart/experiment-runner/experiment';
import { chooseVariant, type ExperimentFolder } from '@meshmart/experiment-runner/find-experiments';
import { formatResult, nameOf, type Result } from '@meshmart/experiment-runner/report';
import { describeUnmetNeed } from '@meshmart/experiment-runner/run-experiment';
import type { TargetStatus } from '@meshmart/experiment-runner/target';
import { formatTable } from '@meshmart/terminal/table';

interface AllOptions {
  on: TargetName;
  /** Runs the variants of each experiment after it. */
  variants: boolean;
  /** Goes on with a run that was interrupted. */
  resume: boolean;
  target: TargetStatus;
  /** Folder in which the results are saved. */
  reports: string;
  /** Ends the whole run. */
  signal: AbortSignal;
  run(experiment: ExperimentFolder): Promise<Result>;
}

/**
 * Runs experiments one after the other, and prints a table with the total verdict. Results are saved after each, so
 * that `resume` can go on.
 *
 * @returns the results, also those of the run that it resumed
 */
export async function runAll(experiments: ExperimentFolder[], options: AllOptions): Promise<Result[]> {
  const { on, variants, signal } = options;
  const chosen = experiments.filter(({ needs }) => needs.targets.includes(on));
  const all = chosen.flatMap((experiment) => [experiment, ...(variants ? variantsOf(experiment) : [])]);
  const possible = all.filter((experiment) => !describeUnmetNeed(experiment, options.target));
  const results = await runSaved(possible, options);
  const rows = all.map((experiment) => {
    const result = results.find((one) => isOf(one, experiment));
    return result ? describe(result) : [keyOf(experiment), 'not run', '', reasonOf(experiment, options)];
  });
  print(`\n${formatTable(['experiment', 'verdict', 'seconds', 'expectations'], rows)}\n`);
  const passed = results.filter(({ verdict }) => verdict === 'pass').length;
  print(`${passed === possible.length ? 'PASS' : 'FAIL'}: ${passed} of ${possible.length} passed`);
  if (signal.aborted) print(`Go on with: ./meshmart experiment --all --on ${on} --resume`);
  return results;
}

async function runSaved(experiments: ExperimentFolder[], options: AllOptions): Promise<Result[]> {
  const { on, resume, signal, run, reports } = options;
  const file = join(reports, `all-${on}.json`);
  await mkdir(reports, { recursive: true });
  const saved: Result[] = resume ? JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) : [];
  const results = saved.filter((result) => experiments.some((experiment) => isOf(result, experiment)));
  await writeFile(file, JSON.stringify(results));
  for (const [index, experiment] of experiments.entries()) {
    if (results.some((result) => isOf(result, experiment))) continue;
    if (signal.aborted) break;
    print(`\n${keyOf(experiment)} (${index + 1} of ${experiments.length})`);
    const result = await run(experiment);
    if (signal.aborted) break;
    print(`\n${formatResult(result)}`);
    results.push(result);
    await writeFile(file, JSON.stringify(results));
  }
  return results;
}

function variantsOf(experiment: ExperimentFolder): ExperimentFolder[] {
  return Object.keys(experiment.variants ?? {}).map((variant) => chooseVariant(experiment, variant));
}

function isOf(result: Result, experiment: ExperimentFolder): boolean {
  return nameOf(result) === keyOf(experiment);
}

function keyOf({ name, variant }: ExperimentFolder): string {
  return nameOf({ experiment: name, variant });
}

function reasonOf(experiment: ExperimentFolder, { target }: AllOptions): string {
  return describeUnmetNeed(experiment, target) ?? 'interrupted';
}

function describe(result: Result): string[] {
  const { verdict, durationMs, expectations } = result;
  const failed = expectations.filter(({ ok }) => !ok).map(({ name }) => name);
  const held = `${expectations.length - failed.length} of ${expectations.length} hold`;
  const seconds = String(Math.round(durationMs / 1000));
  return [nameOf(result), verdict.toUpperCase(), seconds, [held, ...failed].join('; not: ')];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
