import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MeshConfigError } from '@meshmart/local-mesh/problems';
import { RejectedUpdateError } from '@meshmart/local-mesh/publish';
import { findFreePorts } from '@meshmart/processes/ports';
import { identify } from '@meshmart/processes/process-identity';
import { writeRunRecord } from '@meshmart/processes/run-record';
import { UserError } from '@meshmart/terminal/user-error';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { layoutOf, makeStateFolders } from '../src/layout.ts';
import { toUserError } from '../src/mesh.ts';
import { startPlatform } from '../src/start-platform.ts';

test('ends processes of a killed run before it needs the same port', async () => {
  const [port = 0] = await findFreePorts(1);
  const program = `require('http').createServer().listen(${port}, '127.0.0.1', () => console.log('listening'))`;
  const left = spawn(process.execPath, ['-e', program], { detached: true });
  onTestFinished(() => void left.kill());
  await once(left.stdout, 'data');
  const layout = layoutOf(temporaryFolder());
  makeStateFolders(layout);
  const runDirectory = mkdtempSync(join(layout.state, 'run-'));
  const identity = identify(left.pid as number);
  writeRunRecord(runDirectory, identity ? [{ ...identity, name: 'gateway', stopSignal: 'SIGTERM' }] : []);
  writeFileSync(join(layout.runs, 'killed'), runDirectory);

  const lines: string[] = [];
  const start = startPlatform({
    port,
    stateDirectory: layout.state,
    signal: AbortSignal.abort(),
    report: (line) => lines.push(line),
  });
  await expect(start).rejects.not.toThrow(/in use/);
  expect(lines).toEqual(['Ended processes of a killed run: gateway']);
});

test.each([new MeshConfigError([]), new RejectedUpdateError('gateway', 'a reason', [])])(
  'says %s without a stack trace',
  (error) => {
    expect(toUserError(error)).toEqual(new UserError(error.message));
  },
);

test('returns any other error unchanged', () => {
  const error = new Error('a defect');
  expect(toUserError(error)).toBe(error);
});
