import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { releaseLock, takeLock } from '../src/lock.ts';
import { identify } from '../src/process-identity.ts';

const contender = fileURLToPath(new URL('fixtures/contender.ts', import.meta.url));

test('names the living holder', () => {
  const folder = temporaryFolder();
  expect(takeLock(folder)).toBeUndefined();
  expect(takeLock(folder)).toEqual(identify(process.pid));
});

test('can be acquired again after its release', () => {
  const folder = temporaryFolder();
  takeLock(folder);
  releaseLock(folder);
  expect(takeLock(folder)).toBeUndefined();
});

test('is not held by a process that reuses the pid of a dead one', () => {
  const folder = temporaryFolder();
  takeLock(folder);
  writeFileSync(join(folder, '1'), JSON.stringify({ pid: process.pid, startTime: 'another' }));
  expect(takeLock(folder)).toBeUndefined();
});

test('is acquired by exactly one of many that find a dead holder at the same time', async () => {
  const folder = temporaryFolder();
  takeLock(folder);
  writeFileSync(join(folder, '1'), JSON.stringify({ pid: 0, startTime: '' }));
  const contenders = Array.from({ length: 8 }, () =>
    spawn(process.execPath, [contender, folder, String(Date.now() + 1500)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const outcomes = await Promise.all(
    contenders.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])),
  );
  for (const { stdin } of contenders) stdin.end();
  expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1);
});
