import { runClusterTests } from '@meshmart/e2e/cluster-tests';
import { countChecks, prepareTools, reportTotals, runSuites, runTurbo } from '@meshmart/e2e/test-suites';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { Command } from 'commander';

/** The proofs on a cluster that say most in a few minutes on two processors; `npm run test:cluster` runs all. */
const onCluster = ['authorization.cluster', 'network-policies.cluster', 'experiments.cluster'];

/** `npm test`: lint, types, tests, then the proofs on the running platform; the last line has the totals. */
export function testCommand(): Command {
  return new Command()
    .description('Lint, types and tests of every package, then the proofs against real Envoys and k6.')
    .option(
      '--cluster <minutes>',
      'also some proofs on Kubernetes, if a cluster is up so many minutes after the start',
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
        totals.push(...(await runClusterTests({ ...run, files: onCluster }, startedAt + cluster * 60_000)));
      }
      reportTotals(totals);
    });
}
