import { spawn } from 'node:child_process';
import { toolEnvironment } from './environment.ts';
import { signalGroup } from './run-record.ts';

export interface ToolOptions {
  cwd?: string;
  env?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /**
   * Makes the tool the leader of its own process group. Called with its pid; the returned function is called
   * at its end.
   */
  track?: ((pid: number) => () => void) | undefined;
  /** Called with each line of output. */
  onLine?: ((line: string) => void) | undefined;
}

/** Option for a tool that starts others: an abort ends its whole process group. */
export const IN_OWN_GROUP = { track: () => () => {} } satisfies ToolOptions;

/** Thrown when a tool fails; `output` is all of its output. */
export class ToolFailedError extends Error {
  override readonly name = 'ToolFailedError';
  readonly output: string;

  constructor(command: string, outcome: string, output: string) {
    super(`${command} failed (${outcome}): ${lastLine(output)}`);
    this.output = output;
  }
}

/** Runs a program and returns its standard output. An abort ends it. @throws ToolFailedError */
export function runTool(command: string, args: string[], options: ToolOptions = {}): Promise<string> {
  const { cwd, env, signal, onLine, track } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...toolEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd ? { cwd } : {}),
      ...(signal ? { signal } : {}),
      detached: track !== undefined,
    });
    const { pid } = child;
    if (pid !== undefined && track) {
      const endGroup = () => signalGroup(pid, 'SIGTERM');
      const forget = track(pid);
      signal?.addEventListener('abort', endGroup);
      child.once('exit', () => {
        signal?.removeEventListener('abort', endGroup);
        forget();
      });
    }
    let stdout = '';
    let output = '';
    const take = (chunk: string) => {
      output += chunk;
      if (onLine) for (const line of chunk.split('\n').filter((text) => text.trim())) onLine(line);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      take(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => {
      const fail = () => reject(new ToolFailedError(command, error.message, output));
      // An abort is reported before the tool has ended, and its children may keep the pipes open even longer.
      if (child.pid && child.exitCode === null && child.signalCode === null) child.once('exit', fail);
      else fail();
    });
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve(stdout);
      else reject(new ToolFailedError(command, killedBy ?? `exit code ${code}`, output));
    });
  });
}

/** Returns the last line of a program's output, which usually says why it failed. */
export function lastLine(output: string): string {
  return (
    output
      .split('\n')
      .findLast((line) => line.trim())
      ?.trim() ?? 'no output'
  );
}
