import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { config } from '../config.ts';
import { listenForInterruption } from '../interruption.ts';
import { type PlantedBug, readBugs } from '../planted/bugs.ts';
import { runPlanted } from '../planted/run-planted.ts';
import { runSteps } from '../progress.ts';
import { UserError } from '../user-error.ts';

const folder = join(config.root, 'experiments/chaos-checkout/planted');
/** With it, each service is killed early. */
const defaultSeed = 1;
const defaultObserveS = 30;

/** `npm run check:planted`: plants known bugs one by one and shows that chaos-checkout catches each. */
export function checkPlantedCommand(): Command {
  return new Command()
    .description('Plant known bugs, one by one in a copy of the checkout, and see chaos-checkout catch each.')
    .argument('[bug]', 'one of them, by a part of its name', '')
    .option('--observe <seconds>', 'of disturbed load for each', parseNumber, defaultObserveS)
    .option('--seed <number>', 'decides which instances are killed', parseNumber, defaultSeed)
    .action(checkPlanted);
}

async function checkPlanted(part: string, options: { observe: number; seed: number }): Promise<void> {
  const bugs = findBugs(part);
  const { stop: signal } = listenForInterruption();
  const check = (bug: PlantedBug | undefined, show: (detail: string) => void) =>
    runPlanted(bug, { root: config.root, observeS: options.observe, seed: options.seed, signal, show });
  if (part === '') {
    // A checker that finds fault with everything would catch all bugs, too.
    await runSteps([{ title: 'no bug', run: async (show) => assertPasses(await check(undefined, show)) }]);
  }
  let caught = 0;
  for (const bug of bugs) {
    let findings: string[] = [];
    const run = async (show: (detail: string) => void) => {
      const result = await check(bug, show);
      findings = result.findings.map(({ name, ids }) => `${name} (${ids.length})`);
    };
    await runSteps([{ title: `${bug.name}: ${bug.what}`, run }]);
    if (findings.length > 0) caught++;
    console.log(findings.map((finding) => `  caught: ${finding}`).join('\n') || '  NOT CAUGHT');
  }
  console.log(`${caught} of ${bugs.length} planted bugs caught`);
  process.exitCode = caught === bugs.length ? 0 : 1;
}

function findBugs(part: string): PlantedBug[] {
  const bugs = readBugs(folder);
  const chosen = bugs.filter(({ name }) => name.includes(part));
  if (chosen.length > 0) return chosen;
  throw new UserError(`There is no bug "${part}"; there are: ${bugs.map(({ name }) => name).join(', ')}`);
}

function assertPasses({ verdict, proofs }: Awaited<ReturnType<typeof runPlanted>>): void {
  const failed = proofs.filter(({ ok }) => !ok).map(({ name, observed }) => `${name}: ${observed}`);
  if (verdict === 'fail') throw new UserError(`chaos-checkout fails without a bug: ${failed.join('; ')}`);
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number < 2 ** 31) return number;
  throw new InvalidArgumentError('It is a whole number from 1 on.');
}
