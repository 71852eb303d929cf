import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { assertCanBeNode } from '@meshmart/cluster-from-source/preconditions';
import { type Project, prepareTools, reportTotals, runTests } from '@meshmart/e2e/run-tests';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { config } from '@meshmart/toolchain/config';
import { Command } from 'commander';
import { chooseByPart } from './choose-by-part.ts';

/** Defines `test:cluster`, which builds Kubernetes and Istio from source when it runs for the first time. */
export default function testClusterCommand(): Command {
  return new Command()
    .argument('[test]', 'run only tests whose name contains this', '')
    .action(async (part: string) => {
      const chosen = chooseByPart(listTests(), part, 'test');
      await assertCanBeNode();
      const { stop } = listenForInterruption();
      const envoyPath = await prepareTools(stop);
      const projects = [...new Set(chosen.map(({ project }) => project))];
      reportTotals(await runTests(projects, { stop, envoyPath, files: chosen.map(({ file }) => file) }));
    });
}

function listTests(): { name: string; project: Project; file: string }[] {
  const files = globSync('e2e/{cluster,existing,gitops}/*.cluster.test.ts', { cwd: config.root });
  return files.sort().map((file) => {
    const [, project] = file.split('/');
    return { name: basename(file, '.cluster.test.ts'), project: project as Project, file };
  });
}
