import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { prepareEmbeddedPostgres } from './embedded.ts';
import { waitForDatabase } from './provision.ts';

/** Vitest's `globalSetup`: an empty PostgreSQL for the run of one package's tests, gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'meshmart-test-'));
  await chmod(directory, 0o755); // as root, PostgreSQL runs as a lesser user, who must reach the folders within
  const { command, args, adminUrl, ...as } = await prepareEmbeddedPostgres({
    dataDirectory: join(directory, 'data'),
    socketDirectory: join(directory, 'socket'),
  });
  const server = spawn(command, [...args, '-c', 'fsync=off'], { ...as, stdio: 'ignore' });
  await waitForDatabase(adminUrl, 30_000);
  project.provide('databaseAdminUrl', adminUrl);
  return async () => {
    server.kill('SIGINT');
    await once(server, 'exit');
    await rm(directory, { recursive: true, force: true });
  };
}
