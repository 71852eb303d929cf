import { join } from 'node:path';
import { runTool, ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from './config.ts';

/** Environment of every run of turbo: no telemetry, no download for Prisma, and no file in the user's home. */
export const TURBO_ENVIRONMENT = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  CHECKPOINT_DISABLE: '1',
  // Prisma records its first run in this folder, even without telemetry.
  XDG_CONFIG_HOME: join(config.root, 'node_modules/.cache'),
  // `prisma generate` does not run the engine, but downloads one unless this is set.
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
};

/** Path of turbo. */
export const TURBO_BINARY = join(config.root, 'node_modules/.bin/turbo');

/**
 * Generates the database clients and the types of the peers' contracts. turbo skips unchanged ones.
 *
 * @throws UserError
 */
export async function generateClients(options: Pick<ToolOptions, 'signal' | 'track'> = {}): Promise<void> {
  const args = ['run', 'generate', '--output-logs=errors-only', '--no-update-notifier'];
  await runTool(TURBO_BINARY, args, { cwd: config.root, env: TURBO_ENVIRONMENT, ...options }).catch(
    (error) => {
      if (!(error instanceof ToolFailedError)) throw error;
      throw new UserError(`${error.output}\nThe clients could not be generated: see above`);
    },
  );
}
