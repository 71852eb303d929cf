import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRestartPolicy } from './restart-policy.ts';

const PROGRAM = fileURLToPath(new URL('guard-process.ts', import.meta.url));

export interface Guard {
  pid(): number | undefined;
  stop(): void;
}

/**
 * Starts a small process that clears the run when this process is killed with SIGKILL, and replaces it when
 * it dies. Node cannot ask the kernel to end children with their parent.
 *
 * @param report receives one line whenever the guard dies
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
    child.stdin?.on('error', () => {}); // 'exit' reports its death
    child.once('exit', () => {
      if (stopped) return;
      const delayMs = policy.recordDeath();
      if (delayMs === undefined)
        return report('the guard keeps dying; a killed supervisor would now leave processes behind');
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
