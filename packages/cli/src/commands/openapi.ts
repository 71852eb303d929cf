import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { config } from '../config.ts';
import { generateClients } from '../setup/generated-clients.ts';
import { runTool } from '../setup/run-tool.ts';

/** `npm run openapi`: the documents come from the code; tests hold the committed ones against it. */
export function openapiCommand(): Command {
  return new Command()
    .description("Write every service's openapi.json anew from its code.")
    .action(async () => {
      await generateClients(); // the services' code needs them
      const services = join(config.root, 'services');
      for (const name of await readdir(services)) {
        const cwd = join(services, name);
        if (!existsSync(join(cwd, 'src/openapi.ts'))) continue;
        const document = await runTool(process.execPath, ['src/openapi.ts'], { cwd });
        await writeFile(join(cwd, 'openapi.json'), document);
        console.log(`services/${name}/openapi.json`);
      }
    });
}
