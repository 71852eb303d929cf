import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { type Project, prepareTools, reportTotals, runTests } from '@meshmart/e2e/run-tests';
import { drawSeed, parseSeed } from '@meshmart/experiment-runner/random';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';
import { chooseByPart } from './choose-by-part.ts';

/**
 * Defines `test:soak`, which runs the tests under faults and of experiments at full length, and prints the totals in its last
 * line.
 */
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
      const projects = [...new Set(chosen.map(({ project }) => project))];
      reportTotals(await runTests(projects, { stop, envoyPath, env, files: chosen.map(({ file }) => file) }));
    });
}

function listTests(): { name: string; project: Project; file: string }[] {
  const files = globSync(['e2e/faults/*.test.ts', 'e2e/experiments.e2e.test.ts'], { cwd: config.root });
  return files.sort().map((file) => {
    const [name = '', project] = basename(file).split('.');
    return { name, project: project as Project, file };
  });
}
