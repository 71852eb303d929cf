import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Settings that an npm within npm inherits: how to reach a registry. Others (`json`, `prefix`, …) would
 * mislead it.
 */
const REACHES_REGISTRY =
  /^npm_config_(registry|cache|userconfig|globalconfig|cafile|ca|.*proxy|strict_ssl|fetch_.*|maxsockets|offline|prefer_offline|@.*|\/\/.*)$/i;

/** Files of the trusted certificates on Debian, Fedora, SUSE, Alpine and macOS. */
const SYSTEM_CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Returns the environment without the variables of an outer npm. @param {NodeJS.ProcessEnv} env */
export function withoutOuterNpm(env) {
  const kept = Object.entries(env).filter(([name]) => !/^npm_/i.test(name) || REACHES_REGISTRY.test(name));
  return Object.fromEntries(kept);
}

/**
 * Runs npm with its output in a log file, and shows the elapsed time.
 *
 * @param {string} title the line on the terminal
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, logFile: string }} options
 * @throws {Error} with npm's first error line and the path of the log
 */
export async function runNpm(title, args, { cwd, env, logFile }) {
  // This may create `.meshmart`, which will contain secrets.
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const log = createWriteStream(logFile, { mode: 0o600 });
  const progress = showProgress(title, Boolean(env.CI));
  const child = spawn('npm', args, { cwd, env: npmEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const forward = (signal) => child.kill(signal);
  process.on('SIGTERM', forward).on('SIGINT', forward).on('SIGHUP', forward);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) =>
      resolve(error.code === 'ENOENT' ? 'npm is not on the PATH' : error.message),
    );
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? code)));
  });
  process.off('SIGTERM', forward).off('SIGINT', forward).off('SIGHUP', forward);
  await new Promise((resolve) => log.end(resolve));
  progress.end(outcome === undefined);
  if (typeof outcome === 'number')
    throw new Error(`${title} failed: ${firstError(logFile)} (log: ${logFile})`);
  if (outcome !== undefined) throw new Error(`${title} failed: ${outcome}`);
}

/**
 * Adds the system's certificates: behind a company's proxy, the registry's certificate is trusted by the
 * system only.
 */
function npmEnvironment(env) {
  const NODE_EXTRA_CA_CERTS = env.NODE_EXTRA_CA_CERTS ?? SYSTEM_CERTIFICATES.find(existsSync);
  return { ...withoutOuterNpm(env), ...(NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS } : {}) };
}

function firstError(logFile) {
  const lines = readFileSync(logFile, 'utf8').split('\n');
  const errors = lines.filter((line) => /^npm (error|ERR!) (?!code )/.test(line));
  return (errors[0] ?? lines.findLast((line) => line.trim()) ?? 'npm printed nothing').replace(
    /^npm (error|ERR!) /,
    '',
  );
}

/**
 * Shows one line with counting seconds on a terminal; elsewhere, prints one line at the start and one at the
 * end.
 */
function showProgress(title, isCi) {
  const startedAt = Date.now();
  const elapsed = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  const isTerminal = process.stdout.isTTY && !isCi;
  if (!isTerminal) console.log(`${title} …`);
  const draw = () => process.stdout.write(`\r\x1b[2K${title} … ${elapsed()}`);
  if (isTerminal) draw();
  const timer = isTerminal ? setInterval(draw, 1000) : undefined;
  return {
    end(succeeded) {
      clearInterval(timer);
      const clear = isTerminal ? '\r\x1b[2K' : '';
      process.stdout.write(`${clear}${title}: ${succeeded ? 'done' : 'failed'} after ${elapsed()}\n`);
    },
  };
}
