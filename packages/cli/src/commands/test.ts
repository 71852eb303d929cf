import { runClusterTests } from '@meshmart/e2e/cluster-tests';
import { type Project, prepareTools, reportTotals, runChecks, runTests } from '@meshmart/e2e/run-tests';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { Command } from 'commander';

/** All projects but those on a cluster. */
const PROJECTS: Project[] = ['packages', 'services', 'own-store', 'e2e', 'slow'];
/** The Kubernetes tests that cover most in a few minutes on two processors; `test:cluster` runs all. */
const CLUSTER_TESTS = [
  'authorization.cluster',
  'chart-values.cluster',
  'network-policies.cluster',
  'experiments.cluster',
];

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
      const counts = [await runChecks(stop), ...(await runTests(PROJECTS, run))];
      if (cluster) {
        const deadline = startedAt + cluster * 60_000;
        counts.push(...(await runClusterTests({ ...run, files: CLUSTER_TESTS }, deadline)));
      }
      reportTotals(counts);
    });
}
