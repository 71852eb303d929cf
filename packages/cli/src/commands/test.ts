import { runClusterTests } from '@meshmart/e2e/cluster-tests';
import { countChecks, prepareTools, reportTotals, runSuites, runTurbo } from '@meshmart/e2e/test-suites';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { Command } from 'commander';

/** The Kubernetes tests that cover most in a few minutes on two processors; `test:cluster` runs all. */
const CLUSTER_TESTS = ['authorization.cluster', 'network-policies.cluster', 'experiments.cluster'];

/** Defines `test`, which runs lint, type checks and all tests, and prints the totals in its last line. */
export default function testCommand(): Command {
  return new Command()
    .option(
      '--cluster <minutes>',
      'also run some tests on Kubernetes, if a cluster is up this long after the start',
      (text) => parseWholeNumber(text, { from: 1, to: 600 }),
    )
    .action(async ({ cluster }: { cluster?: number }) => {
      const startedAt = Date.now();
      const { stop } = listenForInterruption();
      const run = { stop, envoyPath: await prepareTools(stop) };
      const totals = [
        ...countChecks(await runTurbo(['lint', 'typecheck'], run)),
        ...(await runSuites(['test'], run)),
        ...(await runSuites(['e2e'], run)),
        ...(await runSuites(['slow'], run)),
      ];
      if (cluster) {
        const deadline = startedAt + cluster * 60_000;
        totals.push(...(await runClusterTests({ ...run, files: CLUSTER_TESTS }, deadline)));
      }
      reportTotals(totals);
    });
}
