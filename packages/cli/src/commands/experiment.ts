import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { TargetName } from '@meshmart/experiment-runner/experiment';
import {
  chooseVariant,
  type ExperimentFolder,
  findExperiment,
  listExperiments,
  UnknownExperimentError,
} from '@meshmart/experiment-runner/find-experiments';
import { drawSeed, parseSeed } from '@meshmart/experiment-runner/random';
import { recordTable } from '@meshmart/experiment-runner/record';
import {
  decideVerdict,
  describeBreakOff,
  formatResult,
  type Result,
} from '@meshmart/experiment-runner/report';
import { type Outcome, runExperiment } from '@meshmart/experiment-runner/run-experiment';
import type { Target } from '@meshmart/experiment-runner/target';
import { recordVerdict } from '@meshmart/experiment-runner/verdicts';
import { type Interruption, listenForInterruption } from '@meshmart/terminal/interruption';
import { runSteps } from '@meshmart/terminal/progress';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { config } from '@meshmart/toolchain/config';
import { ensureK6 } from '@meshmart/toolchain/k6';
import { Command, Option } from 'commander';
import { parseSeconds, stateOption } from '../options.ts';
import { runAll } from './experiment-all.ts';

const FOLDER = join(config.root, 'experiments');
const REPORTS = join(config.root, '.meshmart/reports');

/** Defines `experiment`, which exits with 0 only if all expectations of the experiment hold. */
export default function experimentCommand(): Command {
  const command = new Command()
    .argument('[experiment]', 'name of the experiment, or path of a folder like those in experiments/')
    .option('--all', 'run every experiment of the target, one after the other')
    .option('--variants', 'with --all: run the variants too, such as the traps')
    .option('--resume', 'with --all: go on after the last experiment of a run that was interrupted')
    .option('--variant <name>', "run a variant of the experiment, such as 'trap'")
    .addOption(new Option('--on <target>', 'where to run it').choices(['local', 'cluster']).default('local'))
    .option('--cluster <name>', 'name of the cluster for --on cluster', 'meshmart')
    .addOption(
      new Option('--mesh <mesh>', 'mesh whose manifest to apply').choices(['istio']).default('istio'),
    )
    .option('--json <file>', 'also write the result to this file')
    .option('--report <folder>', "folder for k6's HTML reports (default: .meshmart/reports/<experiment>)")
    .option('--record', "write a passing run's table into the README, and the verdict to verdicts.json")
    .option('--observe <seconds>', "length of each phase, instead of the experiment's own", parseSeconds)
    .option('--rounds <number>', 'number of actions in each phase, for experiments that act', parseRounds)
    .option('--seed <number>', 'seed of all random choices (default: a new one, printed)', parseSeed)
    .addOption(stateOption('state folder of the store to use or to start'));
  return command.action(async (name: string | undefined, options: Options) => {
    const { all, variant, on, json } = options;
    if (name === undefined && !all) return printList();
    if (name !== undefined && all) command.error('error: --all runs every experiment; leave the name out');
    if (!all && (options.resume || options.variants)) {
      command.error('error: --resume and --variants belong to --all');
    }
    if (all && (variant || options.observe)) {
      command.error('error: --variant and --observe are for one experiment');
    }
    const prepare = async () => {
      if (json) await empty(json).catch((error) => command.error(`error: --json: ${error.message}`));
    };
    if (all) return prepare().then(() => runEvery(options));
    const experiment = await find(name as string, variant).catch((error) => {
      if (error instanceof UnknownExperimentError) return command.error(`error: ${error.message}`);
      throw error;
    });
    const { targets } = experiment.needs;
    if (!targets.includes(on)) command.error(`error: ${name} runs on ${targets.join(', ')}, not on ${on}`);
    await prepare();
    await runOne(experiment, options);
  });
}

interface Options {
  all?: true;
  variants?: true;
  resume?: true;
  variant?: string;
  on: TargetName;
  cluster: string;
  json?: string;
  report?: string;
  record?: true;
  observe?: number;
  rounds?: number;
  seed?: number;
  state: string;
}

async function printList(): Promise<void> {
  const experiments = await listExperiments(FOLDER);
  const width = Math.max(...experiments.map(({ name }) => name.length));
  for (const { name, summary } of experiments) print(`${name.padEnd(width)}  ${summary}`);
  print('\nRun one: ./meshmart experiment canary');
}

/** Empties the file before the run, to refuse an unwritable path early and to remove an older verdict. */
function empty(file: string): Promise<void> {
  return writeFile(file, '');
}

async function find(name: string, variant: string | undefined): Promise<ExperimentFolder> {
  const experiment = await findExperiment(FOLDER, name);
  return variant === undefined ? experiment : chooseVariant(experiment, variant);
}

async function runOne(experiment: ExperimentFolder, options: Options): Promise<void> {
  const { json, observe } = options;
  if (observe) experiment.phases.observeS = observe;
  const report = reportFolder(experiment, options);
  const interruption = listenForInterruption();
  const result = await runToResult(experiment, options, async () => {
    await using target = await openTarget(options, interruption);
    return await measure(experiment, options, target, interruption);
  });
  if (json) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  print(`\n${formatResult(result)}`);
  if (result.k6.baseline) print(`k6's reports: ${report}`);
  if (options.record) await record(experiment, result);
  process.exitCode = result.verdict === 'pass' ? 0 : 1;
}

/** Runs all experiments on one target, which is opened once. */
async function runEvery(options: Options): Promise<void> {
  const interruption = listenForInterruption();
  await using target = await openTarget(options, interruption);
  const signal = AbortSignal.any([interruption.stop, target.failed]);
  const { on, variants = false, resume = false, json } = options;
  const results = await runAll(await listExperiments(FOLDER), {
    ...{ on, variants, resume, signal, reports: REPORTS },
    target: await target.status(),
    async run(experiment) {
      const run = () => measure(experiment, options, target, interruption);
      const result = await runToResult(experiment, options, run);
      if (options.record) await record(experiment, result);
      return result;
    },
  });
  if (json) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
  process.exitCode = results.every(({ verdict }) => verdict === 'pass') && !signal.aborted ? 0 : 1;
}

async function record(experiment: ExperimentFolder, result: Result): Promise<void> {
  await recordVerdict(dirname(experiment.folder), result);
  if (result.verdict !== 'pass') return;
  await recordTable(experiment, formatResult(result)).catch(({ message }) => warn(message));
}

function reportFolder({ name, variant }: ExperimentFolder, { report, all }: Options): string {
  const folder = resolve(report ?? REPORTS);
  return report && !all ? folder : join(folder, variant ? `${name}-${variant}` : name);
}

async function runToResult(
  { name, variant }: ExperimentFolder,
  { on }: Options,
  run: () => Promise<Outcome>,
): Promise<Result> {
  const startedAt = new Date();
  const outcome = await run().catch((error: unknown) => ({
    expectations: [describeBreakOff(error instanceof Error ? error.message : String(error))],
    findings: [],
    k6: { baseline: null, observed: null },
  }));
  return {
    experiment: name,
    variant,
    target: on,
    mesh: 'istio',
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    verdict: decideVerdict(outcome.expectations),
    ...outcome,
  };
}

/** Runs the experiment; Ctrl-C ends its load, and the standing mesh is restored. */
function measure(
  experiment: ExperimentFolder,
  options: Options,
  target: Target,
  interruption: Interruption,
): Promise<Outcome> {
  const signal = AbortSignal.any([interruption.stop, target.failed]);
  const { rounds = experiment.rounds ?? 1, seed = drawSeed() } = options;
  const reports = reportFolder(experiment, options);
  const context = { target, rounds, seed, reportFolder: reports, signal, step, log: print, warn };
  return runExperiment(experiment, context);
}

async function openTarget({ on, cluster, state }: Options, interruption: Interruption): Promise<Target> {
  const k6 = await ensureK6({ signal: interruption.stop });
  // Each depends on much code, so only the chosen one is loaded.
  if (on === 'cluster')
    return (await import('@meshmart/experiment-runner/on-cluster/target')).openClusterTarget(cluster, k6);
  return (await import('@meshmart/experiment-runner/on-local/target')).openLocalTarget(
    state,
    k6,
    interruption,
  );
}

async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  let result: T | undefined;
  const run = async () => {
    result = await work();
  };
  await runSteps([{ title, run }]);
  return result as T;
}

function warn(line: string): void {
  print(`warning: ${line}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function parseRounds(text: string): number {
  return parseWholeNumber(text, { from: 1, to: 1000 });
}
