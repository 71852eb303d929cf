import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findRunningCluster } from '@meshmart/cluster-lifecycle/running';
import { compareConfiguration } from '@meshmart/conformance/compare-configuration';
import { compareExperiments } from '@meshmart/conformance/compare-experiments';
import { withDifferences, withLastRun } from '@meshmart/conformance/document';
import { type Conformance, formatConformance, isAgreement } from '@meshmart/conformance/report';
import { readVersions } from '@meshmart/conformance/versions';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';
import { stateOption } from '../options.ts';

const RECORDING = join(config.root, 'packages/conformance/test/golden/istiod');
const PAGE = join(config.root, 'docs/reference/conformance.md');

const HELP = `
Compares the configuration that the local mesh sends to its proxies with the one that istiod sends to
those of a running cluster: for the standing mesh, and with each experiment's manifest laid over it.
Then runs each experiment on both, and compares the results. Exits with 0 only if all agree. The
cluster is in use meanwhile, and unchanged afterwards.`;

interface Options {
  cluster: string;
  state: string;
  skipExperiments?: true;
  record?: true;
  json?: string;
}

/** Defines `conformance`, which exits with 0 only if the local mesh agrees with Istio. */
export default function conformanceCommand(): Command {
  return new Command()
    .option('--skip-experiments', 'compare configurations alone')
    .option('--cluster <name>', 'name of the cluster', 'meshmart')
    .addOption(stateOption('state folder of the store to use or to start'))
    .option(
      '--record',
      'record the configuration for tests, and the outcome of a complete run in docs/reference/conformance.md',
    )
    .option('--json <file>', 'also write the outcome to this file')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      if (options.json) await writeFile(options.json, ''); // removes an older outcome
      const outcome = await runConformance(options);
      if (options.record && outcome.experiments) await updatePage(outcome);
      if (options.json) await writeFile(options.json, `${JSON.stringify(outcome, null, 2)}\n`);
      process.stdout.write(`\n${formatConformance(outcome)}\n`);
      process.exitCode = isAgreement(outcome) ? 0 : 1;
    });
}

async function runConformance({ cluster: name, state, ...options }: Options): Promise<Conformance> {
  const startedAt = new Date().toISOString();
  const { access, mesh } = findRunningCluster(name);
  if (mesh) throw new UserError('conformance needs the Istio that "up" installs');
  const interruption = listenForInterruption();
  const signal = interruption.stop;
  try {
    const versions = await readVersions(access);
    const configuration = await compareConfiguration(access, {
      signal,
      ...(options.record && { recording: RECORDING }),
    });
    if (options.skipExperiments) return { startedAt, versions, configuration };
    const experiments = await compareExperiments({ access, cluster: name, state, interruption });
    return { startedAt, versions, configuration, experiments };
  } catch (error) {
    throw signal.aborted ? new UserError('Interrupted.') : error;
  }
}

async function updatePage(outcome: Conformance): Promise<void> {
  const text = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, withLastRun(withDifferences(text), outcome));
}
