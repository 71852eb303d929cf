import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import { type ClusterAccess, runKubectl } from './access.ts';

const patienceMs = 600_000;
const pauseMs = 500;

/** Resolves when Kubernetes answers and all nodes are ready. @throws UserError with what it said last */
export async function waitForNodes(access: ClusterAccess, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await runKubectl(access, ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=10s'], {
        signal,
      });
      return;
    } catch (error) {
      throwIfInterrupted(signal);
      if (Date.now() > deadline)
        throw new UserError(`The nodes do not get ready: ${(error as Error).message}`);
      await sleep(pauseMs);
    }
  }
}
