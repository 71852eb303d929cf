import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { prepareEmbeddedPostgres } from '../src/embedded.ts';
import { makeReachableFolder } from '../src/reachable-folder.ts';

async function setUp(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'meshmart-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  return folder;
}

test('can be prepared under a strict umask, even as root', async () => {
  const folder = await setUp();
  const before = process.umask(0o077);
  onTestFinished(() => void process.umask(before));
  const state = join(folder, 'state/of/this');
  await makeReachableFolder(state);
  const { command, uid, gid, env } = await prepareEmbeddedPostgres({
    dataDirectory: join(state, 'data'),
    binariesDirectory: join(folder, 'cache/postgres'),
    socketDirectory: join(folder, 'socket'),
  });
  const { stdout } = await promisify(execFile)(command, ['--version'], {
    env,
    ...(uid && gid ? { uid, gid } : {}),
  });
  expect(stdout).toMatch(/^postgres \(PostgreSQL\) 18/);
  expect((await stat(join(state, 'data'))).mode & 0o777).toBe(0o700);
});

test('leaves no data folder behind when its creation is aborted', async () => {
  const folder = await setUp();
  const preparing = prepareEmbeddedPostgres({
    dataDirectory: join(folder, 'data'),
    socketDirectory: join(folder, 'socket'),
    signal: AbortSignal.timeout(200),
  });
  await expect(preparing).rejects.toThrow(/aborted/);
  expect(await readdir(folder)).not.toContain('data');
});
