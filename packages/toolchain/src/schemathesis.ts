import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@meshmart/processes/find-program';
import { runTool, ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from './config.ts';
import { installOnce } from './install-once.ts';
import { versions } from './versions.ts';

type SchemathesisSettings = Pick<typeof config, 'cacheDirectory' | 'searchPath'>;

/** How it is started: `python -m schemathesis.cli` with `PYTHONPATH`. */
export interface Schemathesis {
  python: string;
  pythonPath: string;
}

const REQUIREMENTS = fileURLToPath(new URL('schemathesis.txt', import.meta.url));

/**
 * A schemathesis (https://schemathesis.io) out of the cache, where pip has put it from PyPI.
 *
 * @throws UserError when there is none and none can be fetched, saying what to do
 */
export async function ensureSchemathesis(
  options: Pick<ToolOptions, 'signal' | 'onLine'> = {},
  settings: SchemathesisSettings = config,
): Promise<Schemathesis> {
  const python = await findProgram('python3', settings.searchPath);
  if (!python) throw new UserError('schemathesis is a Python program, and there is no python3: install it');
  const folder = join(settings.cacheDirectory, `schemathesis-${versions.schemathesis}`);
  // No virtual environment: it would have to stay where it was made, and Debian's Python often cannot make one.
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
