import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '@meshmart/terminal/user-error';
import { identify } from './process-identity.ts';
import { createRestartPolicy, type RestartPolicy } from './restart-policy.ts';
import { type RecordedProcess, signalGroup } from './run-record.ts';

export interface ProcessSpec {
  /** Names the log file, too. */
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
  stopSignal: NodeJS.Signals;
  /** Unix sockets that it listens on: a killed process leaves the files behind, on which nobody could listen again. */
  sockets?: string[];
  /** What to do when it does not stay alive, as an end of the sentence. */
  advice?: string;
  onDeath?: () => void;
}

export interface SupervisorOptions {
  logDirectory: string;
  /** One line for the terminal. */
  report(line: string): void;
  /** Called with everything that is running, whenever that changes. */
  record(processes: RecordedProcess[]): void;
}

export interface Supervisor {
  /** @throws when it has been closed */
  start(spec: ProcessSpec): void;
  /** From now on nothing can be started: whoever still works on a start that was broken off would leave it behind. */
  close(): void;
  /** Stops processes in good order, and with SIGKILL after `graceMs` or when `force` is aborted. */
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

/** Keeps processes alive, each the leader of a session of its own, so that Ctrl-C reaches only the supervisor. */
export function createSupervisor({ logDirectory, report, record }: SupervisorOptions): Supervisor {
  const entries = new Map<string, Entry>();
  const failure = Promise.withResolvers<never>();
  let isClosed = false;
  failure.promise.catch(() => {}); // whoever waits for it gets it; it must not end the process when nobody does yet

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
    report(`${name} ${how}; starting it again (log: ${log})`);
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
      if (isClosed) throw new Error(`${spec.name} is not started: the platform is being stopped`);
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
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 }); // somebody may tidy up while it runs
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
