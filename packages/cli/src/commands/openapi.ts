import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { config } from '../config.ts';
import { renderProblems } from '../docs/problem-table.ts';
import { listServices } from '../docs/services.ts';
import { generateClients } from '../setup/generated-clients.ts';
import { runTool } from '../setup/run-tool.ts';

/** `npm run openapi`: the documents come from the code; tests hold the committed ones against it. */
export function openapiCommand(): Command {
  return new Command()
    .description("Write every service's openapi.json, and the table of problems, anew from the code.")
    .action(async () => {
      await generateClients(); // the services' code needs them
      for (const name of await listServices()) {
        const cwd = join(config.root, 'services', name);
        await write(
          `services/${name}/openapi.json`,
          await runTool(process.execPath, ['src/openapi.ts'], { cwd }),
        );
      }
      await write('docs/problems.md', await renderProblems());
    });
}

async function write(path: string, document: string): Promise<void> {
  const file = join(config.root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, document);
  console.log(path);
}
