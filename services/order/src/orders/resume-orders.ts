import { setInterval } from 'node:timers/promises';
import type { App } from '@meshmart/service/app';
import { claimAbandonedOrder, expireOrders } from './repository.ts';
import { type OrderPeers, runSaga } from './saga.ts';

const LOOK_EVERY_MS = 2000;
/** Longer than all deadlines of one run, so that a living worker keeps its order. */
const ABANDONED_AFTER_S = 20;
/** Before the reservation of the goods runs out, which is after 15 minutes. */
const EXPIRED_AFTER_S = 600;

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

  /** One order after the other, so that each is worked on as soon as it is claimed. */
  async function resumeOnce(): Promise<void> {
    try {
      await expireOrders(app.database, EXPIRED_AFTER_S);
      let id = await claimAbandonedOrder(app.database, ABANDONED_AFTER_S);
      while (id !== null && !stop.signal.aborted) {
        await resume(id);
        id = await claimAbandonedOrder(app.database, ABANDONED_AFTER_S);
      }
    } catch (err) {
      app.log.warn({ err }, 'abandoned orders cannot be looked for right now');
    }
  }

  async function resume(orderId: string): Promise<void> {
    app.log.info({ orderId }, 'resuming an order');
    await runSaga(app.database, peers, orderId).catch((err) => {
      app.log.warn({ err, orderId }, 'the order could not be resumed and is tried again later');
    });
  }
}
