import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ended {
  code: number | null;
  output: string;
}

/**
 * Runs a program in the checkout's root with exactly this environment, and returns its exit code and output.
 */
export function runToEnd(command: string, args: string[], env: Record<string, string>): Promise<Ended> {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

/** Path of meshmart.mjs. */
export const entry = join(root, 'meshmart.mjs');

/** The environment that every program needs, with this Node first on the PATH. */
export const plainEnvironment = {
  PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
  HOME: process.env.HOME ?? '/',
};
