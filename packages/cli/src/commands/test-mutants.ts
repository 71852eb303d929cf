import { join } from 'node:path';
import { type Mutant, readMutants } from '@meshmart/e2e/mutants/mutants';
import { runMutant } from '@meshmart/e2e/mutants/run-mutant';
import { parseSeed } from '@meshmart/experiment-runner/random';
import type { Result } from '@meshmart/experiment-runner/report';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { runSteps } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';
import { parseSeconds } from '../options.ts';
import { chooseByPart } from './choose-by-part.ts';

const FOLDER = join(config.root, 'experiments/chaos-checkout/mutants');
/** With this seed, each service is killed early. */
const DEFAULT_SEED = 1;
const DEFAULT_OBSERVE_S = 30;

/** Defines `test:mutants`, which plants known bugs one by one and checks that chaos-checkout catches each. */
export default function testMutantsCommand(): Command {
  return new Command()
    .argument('[bug]', 'plant only bugs whose name contains this', '')
    .option(
      '--observe <seconds>',
      'length of the disturbed load for each bug',
      parseSeconds,
      DEFAULT_OBSERVE_S,
    )
    .option('--seed <number>', 'seed that decides which instances are killed', parseSeed, DEFAULT_SEED)
    .action(testMutants);
}

async function testMutants(part: string, options: { observe: number; seed: number }): Promise<void> {
  const bugs = chooseByPart(readMutants(FOLDER), part, 'bug');
  const { stop: signal } = listenForInterruption();
  const check = (bug: Mutant | undefined, show: (detail: string) => void) =>
    runMutant(bug, { root: config.root, observeS: options.observe, seed: options.seed, signal, show });
  if (part === '') {
    // A checker that rejects everything would catch all bugs, too.
    await runSteps([{ title: 'no bug', run: async (show) => assertPasses(await check(undefined, show)) }]);
  }
  let caught = 0;
  for (const bug of bugs) {
    let result: Result | undefined;
    const run = async (show: (detail: string) => void) => {
      result = await check(bug, show);
    };
    // A run that breaks off proves nothing, and does not affect the others.
    await runSteps([{ title: `${bug.name}: ${bug.what}`, run }]).catch((error) => {
      if (signal.aborted) throw new UserError(`interrupted by ${signal.reason}; nothing is left behind`);
      console.log(`  BROKE OFF: ${error.message}`);
    });
    if (!result) continue;
    for (const { name, ids } of result.findings) console.log(`  found: ${name} (${ids.length})`);
    const isCaught = result.findings.some(({ name }) => name === bug.caughtBy);
    if (isCaught) caught++;
    else console.log(`  NOT CAUGHT: nothing breaks "${bug.caughtBy}"`);
  }
  console.log(`${caught} of ${bugs.length} mutants caught`);
  process.exitCode = caught === bugs.length ? 0 : 1;
}

function assertPasses({ verdict, expectations }: Result): void {
  const failed = expectations.filter(({ ok }) => !ok).map(({ name, observed }) => `${name}: ${observed}`);
  if (verdict === 'fail') throw new UserError(`chaos-checkout fails without a bug: ${failed.join('; ')}`);
}
