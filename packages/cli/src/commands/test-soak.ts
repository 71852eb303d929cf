import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { prepareTools, reportTotals, runSuites } from '@meshmart/e2e/test-suites';
import type { Totals } from '@meshmart/e2e/test-totals';
import { drawSeed, parseSeed } from '@meshmart/experiment-runner/random';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';
import { chooseByPart } from './choose-by-part.ts';

const FOLDER = 'e2e/faults';
const SUITES = ['e2e', 'slow'] as const;

/** Defines `test:soak`, which runs the tests under faults at full length, and prints the totals in its last line. */
export default function testSoakCommand(): Command {
  return new Command()
    .argument('[test]', 'run only tests whose name contains this', '')
    .option('--seed <number>', 'repeat the run that printed this seed', parseSeed)
    .action(async (part: string, { seed = drawSeed() }: { seed?: number }) => {
      const chosen = chooseByPart(listTests(), part, 'test');
      const { stop } = listenForInterruption();
      const envoyPath = await prepareTools(stop);
      console.log(`Repeat this run with: ./meshmart test:soak ${part ? `${part} ` : ''}--seed ${seed}`);
      const env = { TEST_SCALE: 'long', TEST_SEED: String(seed) };
      const totals: Totals[] = [];
      for (const suite of SUITES) {
        const files = chosen.filter((one) => one.suite === suite).map(({ file }) => file);
        if (files.length > 0) totals.push(...(await runSuites([suite], { stop, envoyPath, files, env })));
      }
      reportTotals(totals);
    });
}

function listTests(): { name: string; suite: (typeof SUITES)[number]; file: string }[] {
  const all = SUITES.flatMap((suite) => {
    const ending = `.${suite}.test.ts`;
    const files = globSync(`*${ending}`, { cwd: join(config.root, FOLDER) });
    return files.map((file) => ({ name: basename(file, ending), suite, file: `faults/${file}` }));
  });
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}
