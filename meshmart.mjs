#!/usr/bin/env node
// The entry of every command. Plain JavaScript without dependencies, because it runs on the Node that happens to be there,
// before anything is installed; what follows is `packages/cli/src/main.ts`.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { compileCacheIn } from './bootstrap/cache.mjs';
import { ensureDependencies } from './bootstrap/dependencies.mjs';
import { assertGlibc, readReport } from './bootstrap/libc.mjs';
import { ensureNode } from './bootstrap/node-version.mjs';
import { findSwallowedFlags } from './bootstrap/npm-flags.mjs';
import { watchParent } from './bootstrap/parent.mjs';
import { describeCommands, isCommand } from './bootstrap/usage.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
/** The names that commands had before. */
const FORMER_NAMES = { sick: 'fault', 'check:planted': 'test:mutants', 'test:long': 'test:soak' };
const [given, ...args] = process.argv.slice(2);
const command = Object.hasOwn(FORMER_NAMES, given) ? FORMER_NAMES[given] : given;
if (command !== given) console.error(`"${given}" is now "${command}".`);

if (command === undefined || command === '--help' || command === '-h') {
  console.log(describeCommands());
} else if (!isCommand(command)) {
  fail(`There is no command "${command}".\n\n${describeCommands()}`, 2);
} else {
  const line = findSwallowedFlags(command, args, process.env);
  if (line) fail(`npm kept an option for itself. Write it after "--":\n  ${line}`, 2);
  await prepareAndRun();
}

async function prepareAndRun() {
  try {
    assertGlibc(process.platform, readReport);
    if (await ensureNode(process.env)) return; // a newer Node has done the work
    watchParent(process.env, () => process.kill(process.pid, 'SIGTERM'));
    await ensureDependencies(root, process.env);
  } catch (error) {
    fail(error.message, 1);
  }
  module.enableCompileCache(compileCacheIn(process.env)); // half of the time until a command begins went into that
  const { main } = await import('./packages/cli/src/main.ts');
  await main(command, args);
}

function fail(message, exitCode) {
  console.error(message);
  process.exit(exitCode);
}
