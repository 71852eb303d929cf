import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { readRunRecord } from '@meshmart/processes/run-record';
import { readTopology } from '@meshmart/store-client/topology';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { expect, onTestFinished, test } from 'vitest';
import { prepareDatabases } from '../src/database.ts';
import { layoutOf, makeStateFolders } from '../src/layout.ts';
import { openRun } from '../src/run.ts';
import { ensureSecrets } from '../src/secrets.ts';

test('a PostgreSQL that dies while databases are prepared costs only time', async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755); // as root, PostgreSQL runs as an unprivileged user
  const layout = { ...layoutOf(join(folder, 'state')), database: join(folder, 'database') };
  makeStateFolders(layout);
  const lines: string[] = [];
  const { supervisor, directory, track, close } = openRun(layout, (line) => lines.push(line));
  onTestFinished(async () => {
    await supervisor.stop(supervisor.names(), 5000);
    close();
  });
  const topology = await readTopology(join(config.root, 'topology.yaml'));
  const { signal } = new AbortController();
  const context = { supervisor, layout, secrets: ensureSecrets(layout.secrets), directory, track, signal };
  const kill = () => {
    const postgres = readRunRecord(directory).find(({ name }) => name === 'postgres');
    process.kill(postgres?.pid as number, 'SIGQUIT');
  };
  const urls = await prepareDatabases(topology, context, () => void setTimeout(kill, 300));
  const withDatabase = Object.entries(topology.services).filter(([, { database }]) => database);
  expect([...urls.keys()]).toEqual(withDatabase.map(([name]) => name));
  expect(lines).toEqual([expect.stringMatching(/^postgres .*; restarting it/)]);
});
