import { setInterval } from 'node:timers/promises';
import type { App } from './app.ts';

/**
 * Does a piece of background work every `everyMs` milliseconds from when the app listens until it closes, never twice at once.
 * Closing waits for the work under way, which learns from `stop` that it should come to an end. A failure is logged, and the
 * work is tried again at the next turn.
 *
 * @param name what is done, for the log
 */
export function repeatWhileListening(
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
    const turns = setInterval(everyMs, undefined, { signal: stop.signal });
    try {
      for await (const _ of turns) {
        await work(stop.signal).catch((err) => app.log.warn({ err }, `${name} failed and is tried again`));
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }
}
