import type { App } from '@meshmart/service/app';
import { addBackgroundJob } from '@meshmart/service/background-job';
import { ABANDONED_AFTER_S, claimAbandonedOrder, expireOrders } from './repository.ts';
import { type OrderPeers, runSaga } from './saga.ts';

/** After an outage there are many, and one whose peers are slow must not hold up the others. */
const AT_ONCE = 8;
const LOOK_EVERY_MS = 2000;
/** Before the reservation of the goods runs out, which is after 15 minutes. */
const EXPIRED_AFTER_S = 600;

/** Looks for pending orders whose worker died or gave up, and takes them to their end. */
export async function resumeOrders(app: App, { peers }: { peers: OrderPeers }): Promise<void> {
  addBackgroundJob(app, { name: 'resuming orders', everyMs: LOOK_EVERY_MS }, async (stop) => {
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => resumeOneByOne(stop)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  });
  // On its own, since in an outage there is always one more order to resume, and that is when orders get late.
  addBackgroundJob(app, { name: 'expiring orders', everyMs: LOOK_EVERY_MS }, () =>
    expireOrders(app.sagaDatabase, EXPIRED_AFTER_S),
  );

  /** Each is worked on as soon as it is claimed. */
  async function resumeOneByOne(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const id = await claimAbandonedOrder(app.sagaDatabase, ABANDONED_AFTER_S);
      if (id === null) return;
      await resume(id);
    }
  }

  async function resume(orderId: string): Promise<void> {
    app.log.info({ orderId }, 'resuming an order');
    await runSaga(app.sagaDatabase, peers, orderId).catch((err) => {
      app.log.warn({ err, orderId }, 'the order could not be resumed and is tried again later');
    });
  }
}
