import type { Command } from 'commander';
import { openapiCommand } from './commands/openapi.ts';
import { startCommand } from './commands/start.ts';
import { testCommand } from './commands/test.ts';
import { experimentCommand } from './experiment/command.ts';
import { UserError } from './user-error.ts';

const commands: Record<string, { line: string; build(): Command }> = {
  start: { line: 'npm start --', build: startCommand },
  test: { line: 'npm test', build: testCommand },
  experiment: { line: 'npm run experiment --', build: experimentCommand },
  openapi: { line: 'npm run openapi', build: openapiCommand },
};

/** Runs one of the commands of `meshmart.mjs`, which has made sure of Node and of the dependencies. Sets the exit code. */
export async function main(name: string, args: string[]): Promise<void> {
  const chosen = commands[name];
  if (!chosen) throw new Error(`main.ts does not know the command "${name}" of meshmart.mjs`);
  const command = chosen.build().name(chosen.line).allowExcessArguments(false).helpCommand(false);
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    const isForUser = error instanceof UserError;
    process.stderr.write(`${isForUser ? error.message : String((error as Error)?.stack ?? error)}\n`);
    process.exitCode = 1;
  }
}
