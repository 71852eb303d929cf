import { Command } from 'commander';
import { listenForInterruption } from '../interruption.ts';
import { countChecks, prepareTools, reportTotals, runSuites, runTurbo } from './test-suites.ts';

/** `npm test`: lint, types, tests, then the proofs on the running platform; the last line has the totals. */
export function testCommand(): Command {
  return new Command()
    .description('Lint, types and tests of every package, then the proofs against real Envoys and k6.')
    .action(async () => {
      const { stop } = listenForInterruption();
      const run = { stop, envoyPath: await prepareTools(stop) };
      reportTotals([
        ...countChecks(await runTurbo(['lint', 'typecheck'], run)),
        ...(await runSuites('test', run)),
        ...(await runSuites('proof', run)),
      ]);
    });
}
