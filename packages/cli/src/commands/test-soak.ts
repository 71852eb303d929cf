import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { prepareTools, reportTotals, runSuites } from '@meshmart/e2e/test-suites';
import type { Totals } from '@meshmart/e2e/test-totals';
import { drawSeed, parseSeed } from '@meshmart/experiment-runner/random';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';
import { chooseByPart } from './choose-by-part.ts';

const folder = 'e2e/faults';
const suites = ['e2e', 'slow'] as const;

/** `npm run test:soak`: the proofs under faults, each as long as it takes; the last line has the totals. */
export function testSoakCommand(): Command {
  return new Command()
    .description('The proofs under faults in their long form; `npm test` runs the short one.')
    .argument('[test]', 'one of them, by a part of its name', '')
    .option('--seed <number>', 'repeats a run that printed it', parseSeed)
    .action(async (part: string, { seed = drawSeed() }: { seed?: number }) => {
      const chosen = chooseByPart(listTests(), part, 'test');
      const { stop } = listenForInterruption();
      const envoyPath = await prepareTools(stop);
      console.log(`Repeat this run with: npm run test:soak -- ${part ? `${part} ` : ''}--seed ${seed}`);
      const env = { TEST_SCALE: 'long', TEST_SEED: String(seed) };
      const totals: Totals[] = [];
      for (const suite of suites) {
        const files = chosen.filter((one) => one.suite === suite).map(({ file }) => file);
        if (files.length > 0) totals.push(...(await runSuites([suite], { stop, envoyPath, files, env })));
      }
      reportTotals(totals);
    });
}

function listTests(): { name: string; suite: (typeof suites)[number]; file: string }[] {
  const all = suites.flatMap((suite) => {
    const ending = `.${suite}.test.ts`;
    const files = globSync(`*${ending}`, { cwd: join(config.root, folder) });
    return files.map((file) => ({ name: basename(file, ending), suite, file: `faults/${file}` }));
  });
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}
