#!/usr/bin/env node
// The entry of every command. Plain JavaScript without dependencies, because it runs on whatever Node is installed,
// before anything else is. `packages/cli/src/main.ts` takes over.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { compileCacheIn } from './bootstrap/cache.mjs';
import { findCommand, formatUnknown, formatUsage } from './bootstrap/commands.mjs';
import { ensureDependencies } from './bootstrap/dependencies.mjs';
import { ensureNode } from './bootstrap/node-version.mjs';
import { watchParent } from './bootstrap/parent.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const [given, ...args] = process.argv.slice(2);
const command = findCommand(given);

if (given === undefined || given === '--help' || given === '-h') {
  console.log(formatUsage());
} else if (!command) {
  fail(formatUnknown(given), 2);
} else {
  if (command !== given) console.error(`"${given}" is now "${command}".`);
  await prepareAndRun(command, args);
}

async function prepareAndRun(command, args) {
  try {
    if (await ensureNode(process.env)) return; // a newer Node has run the command
    watchParent(process.env, () => process.kill(process.pid, 'SIGTERM'));
    await ensureDependencies(root, process.env);
  } catch (error) {
    fail(error.message, 1);
  }
  module.enableCompileCache(compileCacheIn(process.env)); // halves the time until a command starts
  const { main } = await import('./packages/cli/src/main.ts');
  await main(command, args);
}

function fail(message, exitCode) {
  console.error(message);
  process.exit(exitCode);
}
