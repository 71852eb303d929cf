import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '@meshmart/test-support/eventually';
import { expect, onTestFinished, test, vi } from 'vitest';
import { askForStartTime, identify } from '../src/process-identity.ts';

const ways = [
  ['the system', (pid: number) => identify(pid)?.startTime],
  ['ps', askForStartTime],
] as const;

test.each(ways)('a process ends for %s as a zombie, before its parent reaps it', async (_name, read) => {
  const parent = spawn('/bin/sh', ['-c', 'sleep 100 & echo $!; exec sleep 100'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const zombie = Number((await once(parent.stdout, 'data'))[0]);
  expect(read(zombie)).toBeTruthy();
  process.kill(zombie, 'SIGKILL');
  await eventually(() => read(zombie) === undefined);
  expect(() => process.kill(zombie, 0)).not.toThrow();
  expect(read(parent.pid as number)).toBeTruthy();
});

test.each(ways)('a pid that nobody has is no process for %s', (_name, read) => {
  expect(read(2 ** 31 - 1)).toBeUndefined();
});

test('ps states the same start in every time zone, language and PATH', () => {
  const startTime = askForStartTime(process.pid);
  vi.stubEnv('TZ', 'Asia/Tokyo');
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
  vi.stubEnv('PATH', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(askForStartTime(process.pid)).toBe(startTime);
  const ageMs = Date.now() - Date.parse(`${startTime} UTC`);
  expect(Math.abs(ageMs - process.uptime() * 1000)).toBeLessThan(3000);
});
