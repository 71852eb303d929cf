import { setInterval } from 'node:timers/promises';
import type { App } from '@meshmart/service/app';
import { releaseExpired } from './repository.ts';

const LOOK_EVERY_MS = 1000;

/** Looks for reservations that were not confirmed in time, and gives their stock back. */
export async function expireReservations(app: App): Promise<void> {
  const stop = new AbortController();
  let looking: Promise<void> = Promise.resolve();
  app.addHook('onListen', async () => {
    looking = look();
  });
  app.addHook('preClose', async () => {
    stop.abort();
    await looking;
  });

  async function look(): Promise<void> {
    const ticks = setInterval(LOOK_EVERY_MS, undefined, { signal: stop.signal });
    try {
      for await (const _ of ticks) await expireOnce();
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }

  async function expireOnce(): Promise<void> {
    try {
      const orderIds = await releaseExpired(app.database);
      if (orderIds.length > 0) app.log.info({ orderIds }, 'reservations have expired');
    } catch (err) {
      app.log.warn({ err }, 'expired reservations cannot be looked for right now');
    }
  }
}
