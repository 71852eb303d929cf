import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePorts } from '@meshmart/processes/ports';
import { eventually } from '@meshmart/test-support/eventually';
import { plainEnvironment } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';

const preload = fileURLToPath(new URL('crash-in-request.ts', import.meta.url));

/**
 * Starts another replica of the user service, crashes it by an uncaught error while requests are in progress, and keeps
 * its output.
 *
 * @returns the exit code
 */
export async function crashUserService(
  env: Record<string, string>,
  { headers, bodies, logFile }: { headers: Record<string, string>; bodies: object[]; logFile: string },
): Promise<number | null> {
  const [port] = await findFreePorts(1);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(
    process.execPath,
    ['--import', '@meshmart/telemetry/register', '--import', preload, 'src/server.ts'],
    {
      cwd: join(config.root, 'services/user'),
      env: { ...plainEnvironment, HOST: '127.0.0.1', PORT: String(port), INSTANCE_ID: 'user-crash', ...env },
      stdio: ['ignore', log, log],
    },
  );
  closeSync(log);
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => child.exitCode !== null,
    );
  await eventually(isReady, 120_000);
  const post = (body: object, more: Record<string, string>) =>
    fetch(`${url}/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers, ...more },
      body: JSON.stringify(body),
    }).catch(() => undefined);
  await Promise.all(
    bodies.map((body, index) => post(body, index === bodies.length - 1 ? { 'x-crash': 'yes' } : {})),
  );
  child.kill('SIGTERM'); // in case it has not crashed
  const [code] = await ended;
  return code;
}
