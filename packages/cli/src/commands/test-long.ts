import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { config } from '../config.ts';
import { drawSeed, parseSeed } from '../experiment/random.ts';
import { listenForInterruption } from '../interruption.ts';
import { chooseByPart } from './choose-by-part.ts';
import { prepareTools, reportTotals, runSuites } from './test-suites.ts';

const folder = 'packages/cli/test/proof/faults';
const ending = '.proof.test.ts';

/** `npm run test:long`: the proofs under faults, each as long as it takes; the last line has the totals. */
export function testLongCommand(): Command {
  return new Command()
    .description('The proofs under faults in their long form; `npm test` runs the short one.')
    .argument('[proof]', 'one of them, by a part of its name', '')
    .option('--seed <number>', 'repeats a run that printed it', parseSeed)
    .action(async (part: string, { seed = drawSeed() }: { seed?: number }) => {
      const files = chooseByPart(listProofs(), part, 'proof').map(
        ({ name }) => `test/proof/faults/${name}${ending}`,
      );
      const { stop } = listenForInterruption();
      const envoyPath = await prepareTools(stop);
      console.log(`Repeat this run with: npm run test:long -- ${part ? `${part} ` : ''}--seed ${seed}`);
      const env = { TEST_SCALE: 'long', TEST_SEED: String(seed) };
      reportTotals(await runSuites('proof', { stop, envoyPath, files, env }));
    });
}

function listProofs(): { name: string }[] {
  const files = globSync(`*${ending}`, { cwd: join(config.root, folder) });
  return files.sort().map((file) => ({ name: basename(file, ending) }));
}
