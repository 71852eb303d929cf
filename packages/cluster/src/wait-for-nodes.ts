import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import { type ClusterAccess, runKubectl } from './access.ts';

const patienceMs = 600_000;
const pauseMs = 500;

/** Waits until Kubernetes responds and all nodes are ready. @throws UserError after 10 minutes */
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
        throw new UserError(`The nodes are not ready after 10 minutes: ${(error as Error).message}`);
      await sleep(pauseMs);
    }
  }
}
