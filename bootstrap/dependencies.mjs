import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './npm.mjs';

/**
 * Runs `npm ci` unless node_modules already matches package-lock.json.
 *
 * @param {string} root the checkout
 * @param {NodeJS.ProcessEnv} env
 * @throws {Error} when npm fails
 */
export async function ensureDependencies(root, env) {
  if (hasDependencies(root)) return;
  const logFile = join(root, '.meshmart/logs/npm-ci.log');
  await runNpm('Dependencies', ['ci', '--include=dev'], { cwd: root, env, logFile });
}

/**
 * Returns whether the installed packages are the locked ones. npm records them in
 * node_modules/.package-lock.json at the end of an installation, so an interrupted one does not count.
 *
 * @param {string} root
 */
export function hasDependencies(root) {
  const locked = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (!installed) return false;
  return Object.entries(locked).every(([path, { version, optional, devOptional }]) => {
    const isWorkspace = !path.includes('node_modules/');
    // Binaries for other platforms are locked, but not installed.
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
