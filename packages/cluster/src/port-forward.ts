import { type ClusterAccess, runKubectl } from './access.ts';

/**
 * Runs `use` while kubectl forwards a port of this machine.
 *
 * @param forward kubectl's arguments
 * @throws what `use` throws, or why kubectl ended before
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
    throw new Error('kubectl port-forward has ended by itself');
  });
  try {
    await Promise.race([use(), ended]);
  } finally {
    done.abort();
    await ended.catch(() => {});
  }
}
