import { spawn } from 'node:child_process';
import { toolEnvironment } from './environment.ts';
import { signalGroup } from './run-record.ts';

export interface ToolOptions {
  cwd?: string;
  env?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Called with the tool's process, which then leads a group of its own; the function that it returns, when that has ended. */
  track?: ((pid: number) => () => void) | undefined;
  /** Called with each line that the tool writes. */
  onLine?: ((line: string) => void) | undefined;
}

/** For a tool that starts others: in a process group of its own, which an interruption ends as a whole. */
export const IN_OWN_GROUP = { track: () => () => {} } satisfies ToolOptions;

/** A tool ended with something else than 0; `output` is all that it wrote. */
export class ToolFailedError extends Error {
  override readonly name = 'ToolFailedError';
  readonly output: string;

  constructor(command: string, outcome: string, output: string) {
    super(`${command} failed (${outcome}): ${lastLine(output)}`);
    this.output = output;
  }
}

/** Runs a program to its end and returns what it wrote to standard output. An abort ends it. */
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
      // An abort is told before the tool has ended; its own children may hold the pipes even longer.
      if (child.pid && child.exitCode === null && child.signalCode === null) child.once('exit', fail);
      else fail();
    });
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve(stdout);
      else reject(new ToolFailedError(command, killedBy ?? `exit code ${code}`, output));
    });
  });
}

/** The last thing a program said is mostly why it failed. */
export function lastLine(output: string): string {
  return (
    output
      .split('\n')
      .findLast((line) => line.trim())
      ?.trim() ?? 'it wrote nothing'
  );
}
