import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { assertCanBeNode } from '@meshmart/cluster-from-source/preconditions';
import { prepareTools, reportTotals, runSuites } from '@meshmart/e2e/test-suites';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';
import { chooseByPart } from './choose-by-part.ts';

const FOLDERS = 'e2e/{cluster,gitops}';
const ENDING = '.cluster.test.ts';

/** Defines `test:cluster`, which builds Kubernetes and Istio from source when it runs for the first time. */
export default function testClusterCommand(): Command {
  return new Command()
    .argument('[test]', 'run only tests whose name contains this', '')
    .action(async (part: string) => {
      const files = chooseByPart(listTests(), part, 'test').map(({ name }) => `${name}${ENDING}`);
      await assertCanBeNode();
      const { stop } = listenForInterruption();
      const envoyPath = await prepareTools(stop);
      reportTotals(await runSuites(['cluster'], { stop, envoyPath, files }));
    });
}

function listTests(): { name: string }[] {
  const files = globSync(`${FOLDERS}/*${ENDING}`, { cwd: config.root });
  return files.sort().map((file) => ({ name: basename(file, ENDING) }));
}
