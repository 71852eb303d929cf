import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareEmbeddedPostgres } from './embedded.ts';
import { waitForDatabase } from './provision.ts';

/** Starts the embedded PostgreSQL on a Unix socket of its own. */
export async function startEmbedded() {
  const directory = await mkdtemp(join(tmpdir(), 'meshmart-test-'));
  await chmod(directory, 0o755); // as root, the unprivileged PostgreSQL must be able to enter it
  const { command, args, adminUrl, ...as } = await prepareEmbeddedPostgres({
    dataDirectory: join(directory, 'data'),
    socketDirectory: join(directory, 'socket'),
  });
  const server = spawn(command, [...args, '-c', 'fsync=off'], { ...as, stdio: 'ignore' });
  await waitForDatabase(adminUrl, 30_000);
  const stop = async () => {
    server.kill('SIGINT');
    await once(server, 'exit');
    await rm(directory, { recursive: true, force: true });
  };
  return { adminUrl, kind: 'embedded', stop };
}
