import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@meshmart/processes/find-program';
import { runTool, ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from './config.ts';
import { installOnce } from './install-once.ts';
import { versions } from './versions.ts';

type SchemathesisSettings = Pick<typeof config, 'cacheDirectory' | 'searchPath'>;

/** An installed schemathesis. Start it with `python -m schemathesis.cli` and `PYTHONPATH`. */
interface Schemathesis {
  python: string;
  pythonPath: string;
}

const REQUIREMENTS = fileURLToPath(new URL('schemathesis.txt', import.meta.url));

/**
 * Returns a schemathesis (https://schemathesis.io) from the cache, where pip installs it once from PyPI.
 *
 * @throws UserError that says what to do when it cannot be fetched
 */
export async function ensureSchemathesis(
  options: Pick<ToolOptions, 'signal' | 'onLine'> = {},
  settings: SchemathesisSettings = config,
): Promise<Schemathesis> {
  const python = await findProgram('python3', settings.searchPath);
  if (!python) throw new UserError('schemathesis needs Python, and python3 is missing: install it');
  const folder = join(settings.cacheDirectory, `schemathesis-${versions.schemathesis}`);
  // A virtual environment cannot be moved, and Debian's Python often cannot create one.
  const install = ['-m', 'pip', 'install', '--only-binary', ':all:', '--requirement', REQUIREMENTS];
  await installOnce(folder, 'schemathesis', async (fresh) => {
    await runTool(python, [...install, '--target', fresh], options).catch((error) => {
      const output = error instanceof ToolFailedError ? error.output : '';
      const hint = /No module named pip/.test(output) ? ' (Debian: apt install python3-pip)' : '';
      throw new UserError(
        `schemathesis ${versions.schemathesis} could not be fetched: ${error.message}${hint}`,
      );
    });
  });
  return { python, pythonPath: folder };
}
