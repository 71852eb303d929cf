import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findRunningCluster } from '@meshmart/cluster-lifecycle/running';
import { compareConfiguration } from '@meshmart/conformance/compare-configuration';
import { compareExperiments } from '@meshmart/conformance/compare-experiments';
import { withDifferences, withLastRun } from '@meshmart/conformance/document';
import { type Conformance, formatConformance, isAgreement } from '@meshmart/conformance/report';
import { readVersions } from '@meshmart/conformance/versions';
import { defaultStateDirectory } from '@meshmart/local-platform/platform';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';

const recording = join(config.root, 'packages/conformance/test/golden/istiod');
const documentation = join(config.root, 'docs/conformance.md');

const help = `
What the local mesh tells its proxies is held against what istiod tells those of a running cluster, first for the standing mesh,
then with every experiment's manifest on top of it; and every experiment for both platforms is run on both. The exit code is 0
only when all agrees. The cluster is in use meanwhile, and as it was in the end.

Examples:
  npm run conformance                          all of it, on the cluster "meshmart"
  npm run conformance -- --skip-experiments    the configuration alone, in about a minute
  npm run conformance -- --record              keep the outcome in docs/conformance.md, and what istiod said for the tests`;

interface Options {
  cluster: string;
  state: string;
  skipExperiments?: true;
  record?: true;
  json?: string;
}

/** `npm run conformance`: whether both platforms do the same. Sets the exit code to 0 when they do, and to 1 otherwise. */
export function conformanceCommand(): Command {
  return new Command()
    .description('Hold the local mesh against a real one: its configuration, and what experiments give.')
    .option('--skip-experiments', 'compare the configuration alone')
    .option('--cluster <name>', 'of "npm run cluster"', 'meshmart')
    .option('--state <folder>', 'of the local platform to use or to start', defaultStateDirectory)
    .option(
      '--record',
      'keep what istiod said for the tests, and the outcome of a whole run in docs/conformance.md',
    )
    .option('--json <file>', 'write the outcome to this file as well')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      if (options.json) await writeFile(options.json, ''); // no older outcome is left to be believed
      const outcome = await runConformance(options);
      if (options.record && outcome.experiments) await document(outcome);
      if (options.json) await writeFile(options.json, `${JSON.stringify(outcome, null, 2)}\n`);
      process.stdout.write(`\n${formatConformance(outcome)}\n`);
      process.exitCode = isAgreement(outcome) ? 0 : 1;
    });
}

async function runConformance({ cluster: name, state, ...options }: Options): Promise<Conformance> {
  const startedAt = new Date().toISOString();
  const { access } = findRunningCluster(name);
  const interruption = listenForInterruption();
  const signal = interruption.stop;
  try {
    const versions = await readVersions(access);
    const configuration = await compareConfiguration(access, {
      signal,
      ...(options.record && { recording }),
    });
    if (options.skipExperiments) return { startedAt, versions, configuration };
    const experiments = await compareExperiments({ access, cluster: name, state, interruption });
    return { startedAt, versions, configuration, experiments };
  } catch (error) {
    throw signal.aborted ? new UserError('Interrupted.') : error;
  }
}

async function document(outcome: Conformance): Promise<void> {
  const text = await readFile(documentation, 'utf8');
  await writeFile(documentation, withLastRun(withDifferences(text), outcome));
}
