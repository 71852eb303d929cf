import { setInterval } from 'node:timers/promises';
import type { App } from '@meshmart/service/app';
import { type OrderPeers, placeOrder } from './place-order.ts';
import { claimAbandonedOrders } from './repository.ts';

const LOOK_EVERY_MS = 2000;
/** Longer than all deadlines of one run, so that a living worker keeps its order. */
const ABANDONED_AFTER_S = 20;

/** Looks for pending orders whose worker died or gave up, and takes them to their end. */
export async function resumeOrders(app: App, { peers }: { peers: OrderPeers }): Promise<void> {
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
      for await (const _ of ticks) await resumeOnce();
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }

  async function resumeOnce(): Promise<void> {
    const abandoned = await claimAbandonedOrders(app.database, ABANDONED_AFTER_S).catch((err) => {
      app.log.warn({ err }, 'abandoned orders cannot be looked for right now');
      return [];
    });
    for (const id of abandoned) {
      app.log.info({ orderId: id }, 'resuming an order');
      await placeOrder(app.database, peers, id).catch((err) => {
        app.log.warn({ err, orderId: id }, 'the order could not be resumed and is tried again later');
      });
    }
  }
}
