import type { Command } from 'commander';
import { COMMANDS } from '../../../bootstrap/commands.mjs';

/**
 * Loads one command, named and described from the table of commands. Loads no others, because most depend
 * on much code.
 *
 * @param name a name in `COMMANDS`; `commands/<name>.ts` defines its options, with "-" for ":"
 */
export async function loadCommand(name: string): Promise<Command> {
  const { default: define }: { default: () => Command } = await import(
    `./commands/${name.replace(':', '-')}.ts`
  );
  const { summary = '', examples = [] } = COMMANDS[name] ?? {};
  const command = define().name(`./meshmart ${name}`).description(summary).allowExcessArguments(false);
  if (examples.length === 0) return command;
  const lines = examples.map(([args, effect]) => [`  ./meshmart ${name} ${args}`.trimEnd(), effect] as const);
  const width = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, effect]) => `${line.padEnd(width)}  ${effect}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}
