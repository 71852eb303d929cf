import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TargetName } from '@meshmart/experiment-runner/experiment';
import {
  type ExperimentFolder,
  findExperiment,
  listExperiments,
  UnknownExperimentError,
} from '@meshmart/experiment-runner/find-experiments';
import { drawSeed, parseSeed } from '@meshmart/experiment-runner/random';
import {
  decideVerdict,
  describeBreakOff,
  formatResult,
  type Result,
} from '@meshmart/experiment-runner/report';
import { type Outcome, runExperiment } from '@meshmart/experiment-runner/run-experiment';
import type { Target } from '@meshmart/experiment-runner/target';
import { type Interruption, listenForInterruption } from '@meshmart/terminal/interruption';
import { runSteps } from '@meshmart/terminal/progress';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { config } from '@meshmart/toolchain/config';
import { ensureK6 } from '@meshmart/toolchain/k6';
import { Command, Option } from 'commander';
import { parseSeconds, stateOption } from '../options.ts';

const FOLDER = join(config.root, 'experiments');

/** Defines `experiment`, which exits with 0 only if all expectations of the experiment hold. */
export default function experimentCommand(): Command {
  const command = new Command()
    .argument('[experiment]', 'name of the experiment, or path of a folder like those in experiments/')
    .addOption(new Option('--on <target>', 'where to run it').choices(['local', 'cluster']).default('local'))
    .option('--cluster <name>', 'name of the cluster for --on cluster', 'meshmart')
    .addOption(
      new Option('--mesh <mesh>', 'mesh whose manifest to apply').choices(['istio']).default('istio'),
    )
    .option('--json <file>', 'also write the result to this file')
    .option('--report <folder>', "folder for k6's HTML reports (default: .meshmart/reports/<experiment>)")
    .option('--observe <seconds>', "length of each phase, instead of the experiment's own", parseSeconds)
    .option('--rounds <number>', 'number of actions in each phase, for experiments that act', parseRounds)
    .option('--seed <number>', 'seed of all random choices (default: a new one, printed)', parseSeed)
    .addOption(stateOption('state folder of the store to use or to start'));
  return command.action(async (name: string | undefined, options: Options) => {
    if (name === undefined) return printList();
    const experiment = await findExperiment(FOLDER, name).catch((error) => {
      if (error instanceof UnknownExperimentError) return command.error(`error: ${error.message}`);
      throw error;
    });
    const { targets } = experiment.needs;
    if (!targets.includes(options.on)) {
      command.error(`error: ${name} runs on ${targets.join(', ')}, not on ${options.on}`);
    }
    if (options.json) {
      await empty(options.json).catch((error) => command.error(`error: --json: ${error.message}`));
    }
    const report = resolve(options.report ?? join(config.root, '.meshmart/reports', experiment.name));
    if (options.observe) experiment.phases.observeS = options.observe;
    const result = await runToResult(experiment, { ...options, report });
    if (options.json) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
    print(`\n${formatResult(result)}`);
    if (result.k6.baseline) print(`k6's reports: ${report}`);
    process.exitCode = result.verdict === 'pass' ? 0 : 1;
  });
}

interface Options {
  on: TargetName;
  cluster: string;
  json?: string;
  report?: string;
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

type RunOptions = Options & { report: string };

async function runToResult(experiment: ExperimentFolder, options: RunOptions): Promise<Result> {
  const startedAt = new Date();
  const outcome = await runInterruptibly(experiment, options).catch((error: unknown) => ({
    expectations: [describeBreakOff(error instanceof Error ? error.message : String(error))],
    findings: [],
    k6: { baseline: null, observed: null },
  }));
  return {
    experiment: experiment.name,
    target: options.on,
    mesh: 'istio',
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    verdict: decideVerdict(outcome.expectations),
    ...outcome,
  };
}

/** Runs the experiment; Ctrl-C ends its load, and the standing mesh is restored. */
async function runInterruptibly(experiment: ExperimentFolder, options: RunOptions): Promise<Outcome> {
  const interruption = listenForInterruption();
  await using target = await openTarget(options, interruption);
  const signal = AbortSignal.any([interruption.stop, target.failed]);
  const { report: reportFolder, rounds = experiment.rounds ?? 1, seed = drawSeed() } = options;
  const context = { target, rounds, seed, reportFolder, signal, step, log: print, warn };
  return await runExperiment(experiment, context);
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
