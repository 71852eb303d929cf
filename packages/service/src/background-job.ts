import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from './app.ts';

/**
 * Adds a job that runs `everyMs` milliseconds after the app listens, and again `everyMs` after each end, until the app
 * closes. Closing aborts `stop` and waits for the run in progress. A failed run is logged and does not end the job.
 *
 * @param name the job's name in the log
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
