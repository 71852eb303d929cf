import { join } from 'node:path';
import { runTool, ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from './config.ts';

/** Settings for every run of turbo: nothing phones home, and Prisma needs no download. */
export const TURBO_ENVIRONMENT = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  CHECKPOINT_DISABLE: '1',
  // `prisma generate` never runs the engine, it only insists that there is one, and would download it.
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
};

export const TURBO_BINARY = join(config.root, 'node_modules/.bin/turbo');

/** Generates the database clients and the types of the peers' contracts; turbo skips what has not changed. */
export async function generateClients(options: Pick<ToolOptions, 'signal' | 'track'> = {}): Promise<void> {
  const args = ['run', 'generate', '--output-logs=errors-only', '--no-update-notifier'];
  await runTool(TURBO_BINARY, args, { cwd: config.root, env: TURBO_ENVIRONMENT, ...options }).catch(
    (error) => {
      if (!(error instanceof ToolFailedError)) throw error;
      throw new UserError(`${error.output}\nThe generated clients could not be written: see above`);
    },
  );
}
