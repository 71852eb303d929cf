import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from './app.ts';

/**
 * Does a piece of background work, then waits for `everyMs` milliseconds, again and again from when the app listens until it
 * closes. Work that took long is followed by the same pause, not by the turns that it missed. Closing waits for the work in
 * progress, which learns from `stop` that it should come to an end. A failure is logged, and the work is tried again at the next
 * turn.
 *
 * @param name what is done, for the log
 */
export function addBackgroundJob(
  app: App,
  { name, everyMs }: { name: string; everyMs: number },
  work: (stop: AbortSignal) => Promise<void>,
): void {
  const stop = new AbortController();
  let repeating: Promise<void> = Promise.resolve();
  app.addHook('onListen', async () => {
    repeating = repeat();
  });
  app.addHook('preClose', async () => {
    stop.abort();
    await repeating;
  });

  async function repeat(): Promise<void> {
    while (await pause()) {
      await work(stop.signal).catch((err) => app.log.warn({ err }, `${name} failed and is tried again`));
    }
  }

  /** @returns false when the app is closing */
  function pause(): Promise<boolean> {
    return sleep(everyMs, true, { signal: stop.signal }).catch(() => false);
  }
}
