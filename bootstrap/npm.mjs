import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What an npm inside npm may know of the outer one: how a registry is reached. The rest (`json`, `prefix`, …) misleads it. */
const REACHES_REGISTRY =
  /^npm_config_(registry|cache|userconfig|globalconfig|cafile|ca|.*proxy|strict_ssl|fetch_.*|maxsockets|offline|prefer_offline|@.*|\/\/.*)$/i;

/** Where systems keep the certificates that they trust: Debian, Fedora, SUSE, Alpine and macOS. */
const SYSTEM_CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The environment without what an outer npm has put there. @param {NodeJS.ProcessEnv} env */
export function withoutOuterNpm(env) {
  const kept = Object.entries(env).filter(([name]) => !/^npm_/i.test(name) || REACHES_REGISTRY.test(name));
  return Object.fromEntries(kept);
}

/**
 * Runs npm with its output in a log file, showing the time that passes.
 *
 * @param {string} title what the person sees
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, logFile: string }} options
 * @throws {Error} with npm's own first error line and the log's path
 */
export async function runNpm(title, args, { cwd, env, logFile }) {
  // `.meshmart` may be made here, and will hold secrets.
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

/** Behind a company's proxy the registry shows a certificate that the system trusts, but not Node by itself. */
function npmEnvironment(env) {
  const NODE_EXTRA_CA_CERTS = env.NODE_EXTRA_CA_CERTS ?? SYSTEM_CERTIFICATES.find(existsSync);
  return { ...withoutOuterNpm(env), ...(NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS } : {}) };
}

function firstError(logFile) {
  const lines = readFileSync(logFile, 'utf8').split('\n');
  const errors = lines.filter((line) => /^npm (error|ERR!) (?!code )/.test(line));
  return (errors[0] ?? lines.findLast((line) => line.trim()) ?? 'npm said nothing').replace(
    /^npm (error|ERR!) /,
    '',
  );
}

/** One line whose seconds count up on a terminal; elsewhere a line at the beginning and one at the end. */
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
