import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { assertCanBeNode } from '@meshmart/cluster-from-source/preconditions';
import { prepareTools, reportTotals, runSuites } from '@meshmart/e2e/test-suites';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';
import { chooseByPart } from './choose-by-part.ts';

const folders = 'e2e/{cluster,gitops}';
const ending = '.cluster.test.ts';

/** `npm run test:cluster`: the proofs on a real cluster, which need root and, the first time, build Kubernetes and Istio. */
export function testClusterCommand(): Command {
  return new Command()
    .description('The proofs on Kubernetes: as root, on Linux, with clusters of their own.')
    .argument('[test]', 'one of them, by a part of its name', '')
    .action(async (part: string) => {
      const files = chooseByPart(listTests(), part, 'test').map(({ name }) => `${name}${ending}`);
      await assertCanBeNode();
      const { stop } = listenForInterruption();
      const envoyPath = await prepareTools(stop);
      reportTotals(await runSuites(['cluster'], { stop, envoyPath, files }));
    });
}

function listTests(): { name: string }[] {
  const files = globSync(`${folders}/*${ending}`, { cwd: config.root });
  return files.sort().map((file) => ({ name: basename(file, ending) }));
}
