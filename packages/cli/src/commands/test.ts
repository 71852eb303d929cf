import { Command } from 'commander';
import { listenForInterruption } from '../interruption.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { runClusterProofs } from './cluster-proofs.ts';
import { countChecks, prepareTools, reportTotals, runSuites, runTurbo } from './test-suites.ts';

/** Of the proofs on a cluster what says most in a few minutes; `npm run test:cluster` runs all. */
const clusterProofs = ['authorization.cluster', 'network-policies.cluster', 'experiments.cluster'];

/** `npm test`: lint, types, tests, then the proofs on the running platform; the last line has the totals. */
export function testCommand(): Command {
  return new Command()
    .description('Lint, types and tests of every package, then the proofs against real Envoys and k6.')
    .option(
      '--cluster <minutes>',
      'also proofs on a Kubernetes cluster of its own, if that is up so many minutes after the start',
      (text) => parseWholeNumber(text, { from: 1, to: 600 }),
    )
    .action(async ({ cluster }: { cluster?: number }) => {
      const startedAt = Date.now();
      const { stop } = listenForInterruption();
      const run = { stop, envoyPath: await prepareTools(stop) };
      const upBy = cluster && startedAt + cluster * 60_000;
      reportTotals([
        ...countChecks(await runTurbo(['lint', 'typecheck'], run)),
        ...(await runSuites(['test', 'waiting'], run)),
        ...(await runSuites(['proof'], run)),
        ...(upBy ? await runClusterProofs({ ...run, files: clusterProofs }, upBy) : []),
      ]);
    });
}
