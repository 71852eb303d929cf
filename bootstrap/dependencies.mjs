import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './npm.mjs';

/**
 * Installs what package-lock.json asks for unless node_modules already has it.
 *
 * @param {string} root the checkout
 * @param {NodeJS.ProcessEnv} env
 */
export async function ensureDependencies(root, env) {
  if (hasDependencies(root)) return;
  const logFile = join(root, '.meshmart/logs/npm-ci.log');
  await runNpm('Dependencies', ['ci', '--include=dev'], { cwd: root, env, logFile });
}

/**
 * Whether what is installed is what is locked. npm itself notes what it has installed in node_modules/.package-lock.json, and
 * writes it last; so an interrupted installation counts as none, and one made by hand is left alone.
 *
 * @param {string} root
 */
export function hasDependencies(root) {
  const locked = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (!installed) return false;
  return Object.entries(locked).every(([path, { version, optional, devOptional }]) => {
    const isWorkspace = !path.includes('node_modules/');
    // Binaries for other platforms are locked too, and not installed.
    const mayBeMissing = isWorkspace || optional || devOptional;
    return installed[path] ? installed[path].version === version : mayBeMissing;
  });
}

/** @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> | undefined} */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
