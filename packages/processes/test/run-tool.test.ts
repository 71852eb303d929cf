import { eventually } from '@meshmart/test-support/eventually';
import { expect, test } from 'vitest';
import { identify } from '../src/process-identity.ts';
import { IN_OWN_GROUP, runTool } from '../src/run-tool.ts';

test('an abort ends a tracked tool with its children, and rejects only when the tool has ended', async () => {
  const stop = new AbortController();
  let pid = 0;
  let child = 0;
  let hasEnded = false;
  const track = (started: number) => {
    pid = started;
    return () => {
      hasEnded = true;
    };
  };
  const onLine = (line: string) => {
    child = Number(line);
  };
  const script = 'trap "sleep 0.3; exit 1" TERM; sleep 100 & echo $!; wait; wait';
  const ended = runTool('/bin/sh', ['-c', script], { signal: stop.signal, track, onLine });
  ended.catch(() => {}); // awaited below
  await eventually(() => child > 0);
  stop.abort();
  await expect(ended).rejects.toThrow(/abort/);
  expect([hasEnded, identify(pid)]).toEqual([true, undefined]);
  await eventually(() => identify(child) === undefined);
});

test('a missing program is an error, and does not hang', async () => {
  await expect(runTool('/nowhere/pip', [], IN_OWN_GROUP)).rejects.toThrow(/ENOENT/);
});
