import { type ClusterAccess, runKubectl } from './access.ts';

/**
 * Runs `use` while kubectl forwards a port of this machine.
 *
 * @param forward kubectl's arguments
 * @throws the error of `use`, or of kubectl if it ends first
 */
export async function withPortForward(
  access: ClusterAccess,
  forward: string[],
  use: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const forwarding = runKubectl(access, forward, { signal: AbortSignal.any([signal, done.signal]) });
  const ended = forwarding.then(() => {
    throw new Error('kubectl port-forward has ended');
  });
  try {
    await Promise.race([use(), ended]);
  } finally {
    done.abort();
    await ended.catch(() => {});
  }
}
