import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../bootstrap/commands.mjs';
import { loadCommand } from '../src/load-command.ts';

const run = (args: string[]) => runToEnd(join(entry, '../meshmart'), args, plainEnvironment);

test.each([
  [['experimnt'], /^There is no command "experimnt"\. List all: .*\n$/],
  [['start', '--colour'], /unknown option '--colour'/],
  [['start', '--port', 'high'], /It is a whole number from 1 to 65535/],
  [['test', 'product'], /too many arguments/],
  [['test:soak', '--seed', '-1'], /It is a whole number from 0 to 2147483647/],
])('%j exits with 2 and a clear line', async (args, message) => {
  const { code, output } = await run(args);
  expect(output).toMatch(message);
  expect(code).toBe(2);
});

test('lists the commands when none is given', async () => {
  const { code, output } = await run([]);
  for (const name of Object.keys(COMMANDS)) expect(output).toMatch(new RegExp(`^  ${name} `, 'm'));
  expect(code).toBe(0);
});

test('takes options as they are, and through npm after "--"', async () => {
  const direct = await run(['experiment', '--help']);
  expect(direct.output).toContain('Usage: ./meshmart experiment [options] [experiment]');
  const npm = await runToEnd('npm', ['--silent', 'run', 'experiment', '--', '--help'], plainEnvironment);
  expect(npm).toEqual(direct);
});

test('every example is accepted by its command', async () => {
  for (const [name, { examples = [] }] of Object.entries(COMMANDS)) {
    for (const [args] of examples) {
      const command = await loadCommand(name);
      let accepted = false;
      command.action(() => {
        accepted = true;
      });
      await command.parseAsync(args.split(' ').filter(Boolean), { from: 'user' });
      expect(accepted, `${name} ${args}`).toBe(true);
    }
  }
});

test('npm has a script for every command and former name', () => {
  const { scripts } = JSON.parse(readFileSync(join(config.root, 'package.json'), 'utf8'));
  const names = Object.entries(COMMANDS).flatMap(([name, { formerName }]) => [name, formerName ?? name]);
  expect(scripts).toMatchObject(Object.fromEntries(names.map((name) => [name, `exec ./meshmart ${name}`])));
});
