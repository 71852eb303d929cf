import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '@meshmart/terminal/user-error';
import { identify } from './process-identity.ts';
import { createRestartPolicy, type RestartPolicy } from './restart-policy.ts';
import { type RecordedProcess, signalGroup } from './run-record.ts';

export interface ProcessSpec {
  /** Also the name of the log file. */
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
  stopSignal: NodeJS.Signals;
  /**
   * Unix sockets that it listens on. They are removed before a start, because a killed process leaves them
   * behind.
   */
  sockets?: string[];
  /** Appended to the message when it does not stay alive. */
  advice?: string;
  onDeath?: () => void;
}

interface SupervisorOptions {
  logDirectory: string;
  /** Receives one line for the terminal. */
  report(line: string): void;
  /** Called with all running processes whenever they change. */
  record(processes: RecordedProcess[]): void;
}

export interface Supervisor {
  /** Starts a process, and restarts it whenever it dies. @throws an Error after `close` */
  start(spec: ProcessSpec): void;
  /** Refuses further starts, so an aborted start that still runs leaves nothing behind. */
  close(): void;
  /** Stops processes with their stop signal, and with SIGKILL after `graceMs` or when `force` is aborted. */
  stop(names: string[], graceMs: number, force?: AbortSignal): Promise<void>;
  names(): string[];
  /** Rejects with a UserError when a process does not stay alive. */
  failure: Promise<never>;
}

interface Entry {
  spec: ProcessSpec;
  policy: RestartPolicy;
  state: 'running' | 'waiting' | 'stopping' | 'stopped';
  child?: ChildProcess;
  identity?: RecordedProcess;
  restart?: NodeJS.Timeout;
}

/** Creates a supervisor. Each process leads its own session, so Ctrl-C reaches only the supervisor. */
export function createSupervisor({ logDirectory, report, record }: SupervisorOptions): Supervisor {
  const entries = new Map<string, Entry>();
  const failure = Promise.withResolvers<never>();
  let isClosed = false;
  failure.promise.catch(() => {}); // unobserved, it must not end the process

  const recordAll = () => record([...entries.values()].flatMap(({ identity }) => identity ?? []));

  const launch = (entry: Entry) => {
    const { spec } = entry;
    for (const socket of spec.sockets ?? []) rmSync(socket, { force: true });
    entry.state = 'running';
    entry.child = spawnLogged(spec, join(logDirectory, `${spec.name}.log`));
    const identity = entry.child.pid === undefined ? undefined : identify(entry.child.pid);
    if (identity) entry.identity = { ...identity, name: spec.name, stopSignal: spec.stopSignal };
    recordAll();
    entry.child.once('error', (error) => onEnd(entry, error.message));
    entry.child.once('exit', (code, signal) => onEnd(entry, formatEnd(code, signal)));
  };

  const onEnd = (entry: Entry, how: string) => {
    delete entry.identity;
    recordAll();
    const { name, advice, onDeath } = entry.spec;
    if (entry.state === 'stopping') {
      entry.state = 'stopped';
      return;
    }
    entry.state = 'waiting';
    onDeath?.();
    const log = join(logDirectory, `${name}.log`);
    const delayMs = entry.policy.recordDeath();
    if (delayMs === undefined) {
      failure.reject(
        new UserError(`${name} does not stay alive (${how}); read ${log}${advice ? `, ${advice}` : ''}`),
      );
      return;
    }
    report(`${name} ${how}; restarting it (log: ${log})`);
    entry.restart = setTimeout(() => launch(entry), delayMs);
  };

  const stopOne = async (entry: Entry, graceMs: number, force: AbortSignal | undefined) => {
    clearTimeout(entry.restart);
    const { child, identity } = entry;
    entry.state = identity ? 'stopping' : 'stopped';
    if (!child || !identity) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    signalGroup(identity.pid, force?.aborted ? 'SIGKILL' : entry.spec.stopSignal);
    const kill = () => signalGroup(identity.pid, 'SIGKILL');
    const timer = setTimeout(kill, graceMs);
    force?.addEventListener('abort', kill);
    await ended;
    force?.removeEventListener('abort', kill);
    clearTimeout(timer);
  };

  return {
    start(spec) {
      if (isClosed) throw new Error(`${spec.name} was not started: the platform is stopping`);
      rmSync(join(logDirectory, `${spec.name}.log`), { force: true });
      const entry: Entry = { spec, policy: createRestartPolicy(), state: 'running' };
      entries.set(spec.name, entry);
      launch(entry);
    },
    close() {
      isClosed = true;
    },
    async stop(names, graceMs, force) {
      const chosen = names.flatMap((name) => entries.get(name) ?? []);
      await Promise.all(chosen.map((entry) => stopOne(entry, graceMs, force)));
    },
    names: () => [...entries.keys()],
    failure: failure.promise,
  };
}

function spawnLogged(spec: ProcessSpec, logFile: string): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 }); // may have been removed while it runs
  const log = openSync(logFile, 'a', 0o600);
  try {
    return spawn(spec.command, spec.args, {
      detached: true,
      env: spec.env,
      stdio: ['ignore', log, log],
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
  } finally {
    closeSync(log);
  }
}

function formatEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
}
