import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identify, isAlive } from '@meshmart/processes/process-identity';
import {
  clearRun,
  type RecordedProcess,
  readRunRecord,
  writeRunRecord,
} from '@meshmart/processes/run-record';
import { eventually } from '@meshmart/test-support/eventually';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { layoutOf, makeStateFolders } from '../src/layout.ts';
import { clearDeadRuns } from '../src/run.ts';

const program = fileURLToPath(new URL('fixtures/supervised-run.ts', import.meta.url));

async function startRun(
  state: string,
): Promise<{ supervisor: ChildProcess; directory: string; processes: RecordedProcess[] }> {
  const supervisor = spawn(process.execPath, [program, state], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void supervisor.kill('SIGKILL'));
  const [output] = await once(supervisor.stdout as NonNullable<typeof supervisor.stdout>, 'data');
  const directory = String(output).trim();
  return { supervisor, directory, processes: readRunRecord(directory) };
}

/** Finds the guard of this run folder. */
function findGuard(directory: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const guard = pids.find((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[1]?.endsWith('guard-process.ts') && words[2] === directory;
    } catch {
      return false;
    }
  });
  return guard ? Number(guard) : undefined;
}

test('the guard ends everything within five seconds when the supervisor is killed', async () => {
  const state = temporaryFolder();
  const { supervisor, directory, processes } = await startRun(state);
  expect(processes.map(({ name }) => name)).toEqual(['obedient', 'stubborn', 'a tool of the start']);
  expect(processes.filter(isAlive)).toHaveLength(3);
  supervisor.kill('SIGKILL');
  await eventually(() => !processes.some(isAlive) && !existsSync(directory), 5000);
  await eventually(() => !findGuard(directory));
});

test('a killed guard is replaced, and the new one guards, too', async () => {
  const state = temporaryFolder();
  const { supervisor, directory, processes } = await startRun(state);
  const first = await eventually(() => findGuard(directory));
  process.kill(first, 'SIGKILL');
  await eventually(() => {
    const second = findGuard(directory);
    return second !== undefined && second !== first;
  });
  supervisor.kill('SIGKILL');
  await eventually(() => !processes.some(isAlive), 5000);
});

test('the next start ends the processes of a run whose guard and supervisor were both killed', async () => {
  const state = temporaryFolder();
  const { supervisor, directory, processes } = await startRun(state);
  process.kill(await eventually(() => findGuard(directory)), 'SIGKILL');
  supervisor.kill('SIGKILL');
  await eventually(() => supervisor.signalCode !== null);
  expect(processes.filter(isAlive)).toHaveLength(3);
  expect(await clearDeadRuns(layoutOf(state))).toEqual(['obedient', 'stubborn', 'a tool of the start']);
  await eventually(() => !processes.some(isAlive) && !existsSync(directory));
});

test('the guard works even when the state folder was removed meanwhile', async () => {
  const state = temporaryFolder();
  const { supervisor, processes } = await startRun(state);
  rmSync(state, { recursive: true });
  supervisor.kill('SIGKILL');
  await eventually(() => !processes.some(isAlive), 5000);
});

test('ignores a record in a folder that others may write to, and pids that mean many processes', async () => {
  const state = temporaryFolder();
  const { supervisor, directory, processes } = await startRun(state);
  process.kill(await eventually(() => findGuard(directory)), 'SIGKILL');
  supervisor.kill('SIGKILL');
  await eventually(() => supervisor.signalCode !== null);
  chmodSync(directory, 0o777);
  expect(await clearRun(directory)).toEqual([]);
  expect(processes.filter(isAlive)).toHaveLength(3);
  chmodSync(directory, 0o700);
  const init = {
    ...(identify(1) ?? { pid: 1, startTime: '1' }),
    name: 'init',
    stopSignal: 'SIGCONT' as const,
  };
  writeRunRecord(directory, [init, { ...init, pid: 0 }, { ...init, pid: -5 }, ...processes]);
  expect(await clearRun(directory)).toEqual(['obedient', 'stubborn', 'a tool of the start']);
});

test('spares a process that reuses the pid of a dead one', async () => {
  const layout = layoutOf(temporaryFolder());
  makeStateFolders(layout);
  const other = spawn('sleep', ['100'], { detached: true });
  onTestFinished(() => void other.kill());
  const pid = other.pid as number;
  const runDirectory = mkdtempSync(join(layout.state, 'run-'));
  writeRunRecord(runDirectory, [{ pid, startTime: '1', name: 'postgres', stopSignal: 'SIGTERM' }]);
  writeFileSync(join(layout.runs, 'old'), runDirectory);
  expect(await clearDeadRuns(layout)).toEqual([]);
  expect(identify(pid)).toBeDefined();
});
