import { UserError } from '@meshmart/terminal/user-error';
import { loadCommand } from './load-command.ts';

const WRONG_USAGE = 2;

/**
 * Runs a command after `meshmart.mjs` has provided Node and the dependencies. Sets the exit code: 0 for
 * success, 1 for failure, 2 for wrong usage.
 *
 * @param name a name in `COMMANDS`
 * @param args the arguments after it
 */
export async function main(name: string, args: string[]): Promise<void> {
  const command = await loadCommand(name);
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE));
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    const isForUser = error instanceof UserError;
    process.stderr.write(`${isForUser ? error.message : String((error as Error)?.stack ?? error)}\n`);
    process.exit(1); // unfinished work must not keep the process alive
  }
}
