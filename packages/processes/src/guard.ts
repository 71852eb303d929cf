import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRestartPolicy } from './restart-policy.ts';

const PROGRAM = fileURLToPath(new URL('guard-process.ts', import.meta.url));

export interface Guard {
  pid(): number | undefined;
  stop(): void;
}

/**
 * Keeps a small process alive that clears the run away when this process is killed with SIGKILL: Node has no way to tell the
 * kernel that children are to die with their parent. A killed guard is replaced.
 */
export function keepGuard(runDirectory: string, report: (line: string) => void): Guard {
  const policy = createRestartPolicy();
  let stopped = false;
  let child: ChildProcess;
  const start = () => {
    if (stopped) return;
    child = spawn(process.execPath, [PROGRAM, runDirectory], {
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin?.on('error', () => {}); // its death is reported by 'exit'
    child.once('exit', () => {
      if (stopped) return;
      const delayMs = policy.recordDeath();
      if (delayMs === undefined)
        return report('the guard keeps dying: a killed supervisor would leave processes behind');
      report('the guard was killed; started again');
      setTimeout(start, delayMs);
    });
  };
  start();
  return {
    pid: () => child.pid,
    stop: () => {
      stopped = true;
      child.kill('SIGKILL');
    },
  };
}
