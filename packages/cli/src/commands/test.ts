import { Command } from 'commander';
import { listenForInterruption } from '../interruption.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { runClusterProofs } from './cluster-proofs.ts';
import { countChecks, prepareTools, reportTotals, runSuites, runTurbo } from './test-suites.ts';

/** Of the proofs on a cluster what says most in a few minutes, by how the store gets there; `npm run test:cluster` runs all. */
const onClusters = [
  {
    how: ['--no-gitops'],
    files: ['authorization.cluster', 'network-policies.cluster', 'experiments.cluster'],
  },
  { how: ['--environment', 'rollouts'], files: ['canaries.cluster'] },
];
/** For every cluster after the first. */
const patienceMs = 15 * 60_000;

/** `npm test`: lint, types, tests, then the proofs on the running platform; the last line has the totals. */
export function testCommand(): Command {
  return new Command()
    .description('Lint, types and tests of every package, then the proofs against real Envoys and k6.')
    .option(
      '--cluster <minutes>',
      'also some proofs on Kubernetes, if a cluster is up so many minutes after the start; then canaries on another, if it is up within fifteen more',
      (text) => parseWholeNumber(text, { from: 1, to: 600 }),
    )
    .action(async ({ cluster }: { cluster?: number }) => {
      const startedAt = Date.now();
      const { stop } = listenForInterruption();
      const run = { stop, envoyPath: await prepareTools(stop) };
      const totals = [
        ...countChecks(await runTurbo(['lint', 'typecheck'], run)),
        ...(await runSuites(['test'], run)),
        ...(await runSuites(['proof', 'waiting'], run)),
      ];
      if (cluster) {
        let upBy = startedAt + cluster * 60_000;
        for (const { how, files } of onClusters) {
          totals.push(...(await runClusterProofs({ ...run, files }, how, upBy)));
          upBy = Math.max(upBy, Date.now()) + patienceMs;
        }
      }
      reportTotals(totals);
    });
}
