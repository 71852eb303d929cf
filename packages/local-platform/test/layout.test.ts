import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '@meshmart/terminal/user-error';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeRunFolder } from '../src/layout.ts';

function useLongTemporaryFolder(): void {
  const folder = join(temporaryFolder(), 'job-'.repeat(25));
  mkdirSync(folder);
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test('places sockets in the temporary folder', () => {
  const folder = makeRunFolder();
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(dirname(folder)).toBe(tmpdir());
});

test('places sockets elsewhere when the path of the temporary folder is long', async () => {
  useLongTemporaryFolder();
  const folder = makeRunFolder();
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const server = createServer();
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(join(folder, 'storefront-v1-1.admin'), listening);
  });
  server.close();
});

test('says what to do without a short folder', () => {
  const nowhere = join(temporaryFolder(), 'nowhere');
  useLongTemporaryFolder();
  const make = () => makeRunFolder(nowhere);
  expect(make).toThrow(UserError);
  expect(make).toThrow(/too long for Unix sockets.*set TMPDIR to a folder with a path of at most \d+ bytes$/);
});
