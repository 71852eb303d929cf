import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './target.ts';

/** Envoy drains connections for 45 s, unless a mesh says otherwise. */
const patienceMs = 180_000;

/** Gauges of listeners and filter chains that are not in use yet, or only by connections from before a change. */
const unsettled = /^listener_manager\.total_(listeners_warming|listeners_draining|filter_chains_draining)$/;

/**
 * Resolves when no proxy serves a connection with a configuration older than the last change.
 *
 * @throws an Error with the names of the proxies that still do after three minutes
 */
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
      throw new Error(`waited ${patienceMs / 1000} s for connections that use older listeners: ${names}`);
    }
    await sleep(lookEveryMs, undefined, { signal });
  }
}

function isUnsettled(counters: Record<string, number>): boolean {
  return Object.entries(counters).some(([name, value]) => unsettled.test(name) && value > 0);
}
