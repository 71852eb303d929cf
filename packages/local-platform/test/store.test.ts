import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePorts } from '@meshmart/processes/ports';
import { readTopology } from '@meshmart/store-client/topology';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layoutOf, makeStateFolders } from '../src/layout.ts';
import { openRun } from '../src/run.ts';
import { startStore } from '../src/store.ts';

const { TMPDIR } = process.env;
let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  chmodSync(folder, 0o755); // as root, PostgreSQL runs as an unprivileged user
  process.env.TMPDIR = join(folder, 'tmp');
  mkdirSync(process.env.TMPDIR);
});
afterEach(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
});

/** Finds the command lines of processes that were started with a path in the test's folder. */
function findProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const [line, env] = ['cmdline', 'environ'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'utf8'),
        );
        return line?.includes(folder) || env?.includes(join(folder, 'tmp/')) ? [line as string] : [];
      } catch {
        return []; // it has ended, or belongs to another user
      }
    });
}

test.each([0, 300, 1000, 2500])(
  'leaves nothing running when the start is stopped after %i ms',
  async (delayMs) => {
    const layout = { ...layoutOf(join(folder, 'state')), database: join(folder, 'database') };
    makeStateFolders(layout);
    const envoy = join(folder, 'envoy');
    writeFileSync(envoy, '#!/bin/sh\nwhile :; do sleep 1; done\n', { mode: 0o755 });
    const topology = await readTopology(join(config.root, 'topology.yaml'));
    const [port = 0] = await findFreePorts(1);
    const run = openRun(layout, () => {});
    const signal = AbortSignal.timeout(delayMs);
    const started = startStore({ layout, run, topology, port, envoy, signal, report: () => {} });
    await expect(started).rejects.toThrow();
    run.close();
    await sleep(500); // an aborted step could still start a process
    expect(findProcesses()).toEqual([]);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  },
);
