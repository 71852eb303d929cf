import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '@meshmart/test-support/eventually';
import { plainEnvironment } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import { type PointReport, reportPrefix } from './points.ts';

const preload = fileURLToPath(new URL('die-at-point.ts', import.meta.url));
/** Ends only what hangs. */
const startTimeoutMs = 300_000;

export type ServiceName = 'order' | 'payment' | 'product';

export interface ServiceOptions {
  service: ServiceName;
  /** Port on 127.0.0.1. */
  port: number;
  /** URLs of its database and its peers. */
  env: Record<string, string>;
}

/** A service without a sidecar that dies or freezes at the point that a request's header names. */
export interface ServiceProcess {
  /** Resolves with the signal by which it died. */
  died: Promise<NodeJS.Signals | null>;
  /** Tells whether SIGSTOP has stopped it. */
  isFrozen(): boolean;
  /** Continues it. */
  thaw(): void;
  points(flow: string): PointReport[];
  stop(): Promise<void>;
}

/** Starts a service, and resolves when it is ready. @throws with its output when it ends before that */
export async function startService({ service, port, env }: ServiceOptions): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ['--import', preload, 'src/server.ts'], {
    cwd: join(config.root, 'services', service),
    env: {
      ...plainEnvironment,
      NODE_COMPILE_CACHE: config.compileCache,
      INSTANCE_ID: service,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const died = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('close', (_, signal) => resolve(signal)),
  );
  const { reports, output } = read(child);
  await eventually(async () => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${service} ended:\n${output()}`);
    return isReady(port);
  }, startTimeoutMs);
  return {
    died,
    isFrozen: () => stateOf(child).startsWith('T'),
    thaw: () => void child.kill('SIGCONT'),
    points: (flow) => reports.filter((report) => report.flow === flow),
    async stop() {
      child.kill('SIGKILL');
      await died;
    },
  };
}

/** Returns the state of a process as in ps(1), or an empty text if it has ended. */
function stateOf({ pid }: ChildProcess): string {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}

function read(child: ChildProcess): { reports: PointReport[]; output(): string } {
  const reports: PointReport[] = [];
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (line.startsWith(reportPrefix)) reports.push(JSON.parse(line.slice(reportPrefix.length)));
      else lines.push(line);
    });
  }
  return { reports, output: () => lines.slice(-20).join('\n') };
}

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
