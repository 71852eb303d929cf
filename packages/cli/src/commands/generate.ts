import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runTool } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { generateClients } from '@meshmart/toolchain/generated-clients';
import { renderConfiguration } from '@meshmart/tooling/docs/configuration';
import { renderExperiments } from '@meshmart/tooling/docs/experiments';
import { renderProblems } from '@meshmart/tooling/docs/problem-table';
import { listServices } from '@meshmart/tooling/docs/services';
import { renderSources } from '@meshmart/tooling/docs/sources';
import { writeServiceLists } from '@meshmart/tooling/topology/service-lists';
import { Command } from 'commander';
import { renderCommandReference } from '../command-reference.ts';

/**
 * Defines `generate`, which writes the files generated from code. Tests fail while a committed one is stale.
 */
export default function generateCommand(): Command {
  return new Command().action(async () => {
    for (const path of await writeServiceLists()) console.log(path);
    await generateClients(); // imported by the services
    for (const name of await listServices()) {
      const cwd = join(config.root, 'services', name);
      await write(
        `services/${name}/openapi.json`,
        await runTool(process.execPath, ['src/openapi.ts'], { cwd }),
      );
    }
    await write('docs/reference/problems.md', await renderProblems());
    await write('docs/reference/configuration.md', await renderConfiguration());
    await write('docs/reference/experiments.md', await renderExperiments());
    await write('docs/reference/sources.md', await renderSources());
    await write('docs/reference/commands.md', await renderCommandReference());
  });
}

async function write(path: string, document: string): Promise<void> {
  const file = join(config.root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, document);
  console.log(path);
}
