import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin, readStats } from './admin.ts';

const POLL_INTERVAL_MS = 5;
const WARMING = ['cluster_manager.warming_clusters', 'listener_manager.total_listeners_warming'];
const FILTER = encodeURIComponent(`^(${WARMING.join('|')})$`);

/** Error codes of a connection to a proxy that is not running. A slow proxy causes none of them. */
const GONE = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/**
 * Resolves when none of a proxy's clusters and listeners is warming up, or when the proxy is not running.
 * @throws when they are still warming up after `timeoutMs`
 */
export async function untilWarm(adminSocket: string, timeoutMs: number): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; ) {
    const stats = await readIfRunning(adminSocket);
    if (!stats || WARMING.every((name) => stats[name] === '0')) return;
    await sleep(POLL_INTERVAL_MS);
  }
  throw new Error(`${adminSocket}: clusters or listeners are still warming up after ${timeoutMs} ms`);
}

async function readIfRunning(adminSocket: string): Promise<Record<string, string> | undefined> {
  try {
    return readStats(await readAdmin(adminSocket, `/stats?filter=${FILTER}`));
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
