import { COMMANDS } from '../../../bootstrap/commands.mjs';
import { loadCommand } from './load-command.ts';

const HELP_WIDTH = 100;

/** Renders `docs/reference/commands.md` from the table of commands and the help of each. */
export async function renderCommandReference(): Promise<string> {
  const sections = await Promise.all(Object.keys(COMMANDS).map(renderCommand));
  return `# Commands

\`npm start\` and \`npm test\` are \`./meshmart start\` and \`./meshmart test\`. Every other command is an npm
script, too, which takes its options after \`--\`: \`npm run experiment -- canary\`. A command exits with 0
on success, 1 on failure and 2 on wrong usage. \`./meshmart generate\` generates this page.
${sections.join('')}`;
}

async function renderCommand(name: string): Promise<string> {
  let help = '';
  const command = await loadCommand(name);
  command.configureOutput({
    getOutHelpWidth: () => HELP_WIDTH,
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  const { formerName } = COMMANDS[name] ?? {};
  const former = formerName ? `\nIts former name \`${formerName}\` still works.\n` : '';
  return `\n## ${name}\n${former}\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
}
