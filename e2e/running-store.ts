import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DatabaseUrls } from '@meshmart/consistency-checker/store-state';
import { connectControl, type PlatformStatus } from '@meshmart/local-platform/control/client';
import { type Layout, layoutOf } from '@meshmart/local-platform/layout';
import { findRunningPlatform } from '@meshmart/local-platform/state-file';
import { findFreePorts } from '@meshmart/processes/ports';
import { type RecordedProcess, readRunRecord } from '@meshmart/processes/run-record';
import { eventually } from '@meshmart/test-support/eventually';
import { entry, plainEnvironment } from '@meshmart/test-support/run-entry';

const startTimeoutMs = 120_000;

/** The command `start`, with a state folder of its own. */
interface StartedCommand {
  process: ChildProcess;
  /** Returns the output so far. */
  output(): string;
  exited: Promise<number | null>;
}

export interface RunningStore extends StartedCommand {
  layout: Layout;
  port: number;
  status(): Promise<PlatformStatus>;
  databases(): Promise<DatabaseUrls>;
  /** The run folder. */
  directory: string;
  processes(): RecordedProcess[];
  /** Returns the pid of a process by the name of its log; undefined between its death and its restart. */
  pidOf(name: string): number | undefined;
}

/** Creates a state folder. `remove` deletes it and its database. */
export function makeState(): { state: string; layout: Layout; remove(): void } {
  const state = mkdtempSync(join(tmpdir(), 'meshmart-state-'));
  const layout = layoutOf(state);
  return {
    state,
    layout,
    remove() {
      rmSync(layout.database, { recursive: true, force: true });
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** Stops a store, if it was started, and removes its state. */
export async function endStore(store: RunningStore | undefined, remove: () => void): Promise<void> {
  store?.process.kill('SIGTERM');
  await store?.exited;
  remove();
}

export function startCommand(
  state: string,
  port: number,
  options: string[] = [],
  env: Record<string, string> = {},
): StartedCommand {
  const args = [entry, 'start', '--state', state, '--port', String(port), ...options];
  const child = spawn(process.execPath, args, {
    env: { ...plainEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { process: child, output: () => output, exited };
}

export async function startStore(
  state: string,
  options: string[] = [],
  env: Record<string, string> = {},
): Promise<RunningStore> {
  const [port = 0] = await findFreePorts(1);
  const command = startCommand(state, port, options, env);
  const layout = layoutOf(state);
  const running = await eventually(() => {
    if (command.process.exitCode !== null) throw new Error(`it ended:\n${command.output()}`);
    const found = findRunningPlatform(layout.stateFile);
    return found?.pid === command.process.pid ? found : undefined;
  }, startTimeoutMs).catch(async (error) => {
    command.process.kill('SIGTERM');
    await command.exited;
    throw error;
  });
  await eventually(() => command.output().includes('Ctrl-C stops everything'));
  const control = connectControl(running.controlSocket);
  const directory = dirname(running.controlSocket);
  const processes = () => readRunRecord(directory);
  return {
    ...command,
    layout,
    port,
    status: () => control.status(),
    databases: async () => (await control.databases()) as unknown as DatabaseUrls,
    directory,
    processes,
    pidOf: (name) => processes().find((one) => one.name === name)?.pid,
  };
}
