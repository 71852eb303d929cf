import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './target.ts';

/** Envoy gives connections 45 s, unless a mesh says otherwise. */
const patienceMs = 180_000;

/** Listeners and parts of them: not yet in use, or of no use any more but for connections that they have. */
const unsettled = /^listener_manager\.total_(listeners_warming|listeners_draining|filter_chains_draining)$/;

/** Resolves when no proxy has a connection any more that is served as it was before the last change. */
export async function waitForDrainedListeners(
  target: Target,
  signal: AbortSignal,
  lookEveryMs = 1000,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { proxies } = await target.takeSnapshot();
    const busy = [...proxies].filter(([, counters]) => !counters || isUnsettled(counters));
    if (busy.length === 0) return;
    if (Date.now() > deadline) {
      const names = busy.map(([name]) => name).join(', ');
      throw new Error(`waited ${patienceMs / 1000} s for older connections to end: ${names}`);
    }
    await sleep(lookEveryMs, undefined, { signal });
  }
}

function isUnsettled(counters: Record<string, number>): boolean {
  return Object.entries(counters).some(([name, value]) => unsettled.test(name) && value > 0);
}
