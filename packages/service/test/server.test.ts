import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';

test('on SIGTERM it is not ready, serves current and new requests, then exits', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'meshmart-serve-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const socketPath = join(directory, 'app.sock');
  await writeFile(socketPath, 'left behind by an instance that was killed');
  const server = spawn(process.execPath, [join(import.meta.dirname, 'server.ts'), socketPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(server, 'exit');
  await once(server.stdout, 'data');
  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);

  const dispatcher = new Agent({ connect: { socketPath } });
  const get = async (path: string) => {
    const { statusCode, body } = await request(`http://test${path}`, { dispatcher });
    await body.dump();
    return statusCode;
  };
  expect(await get('/health/ready')).toBe(200);
  const slow = get('/slow');
  await sleep(50);
  server.kill('SIGTERM');
  await sleep(100);
  expect([await get('/health/ready'), await get('/health/live')]).toEqual([503, 200]);
  expect(await slow).toBe(200);
  expect(await exited).toEqual([0, null]);
});
