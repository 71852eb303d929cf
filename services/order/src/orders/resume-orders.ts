import type { App } from '@meshmart/service/app';
import { addBackgroundJob } from '@meshmart/service/background-job';
import { ABANDONED_AFTER_S, claimAbandonedOrder, expireOrders } from './repository.ts';
import { type OrderPeers, runSaga } from './saga.ts';

/** So many orders are resumed at once, since one with a slow peer must not hold up the others. */
const CONCURRENCY = 8;
const LOOK_EVERY_MS = 2000;
/** Less than the 15 minutes after which product releases the stock. */
const EXPIRED_AFTER_S = 600;

/** Resumes pending orders whose worker died or gave up, and expires those that could not be paid in time. */
export async function resumeOrders(app: App, { peers }: { peers: OrderPeers }): Promise<void> {
  const worker = { database: app.sagaDatabase, peers, log: app.log };
  for (let i = 0; i < CONCURRENCY; i++) {
    addBackgroundJob(app, { name: 'resuming orders', everyMs: LOOK_EVERY_MS }, async (stop) => {
      while (!stop.aborted) {
        const orderId = await claimAbandonedOrder(worker.database, ABANDONED_AFTER_S);
        if (orderId === null) return;
        app.log.info({ orderId }, 'resuming an order');
        await runSaga(worker, orderId);
      }
    });
  }
  // A job of its own, since in an outage, when orders become late, there is always one more to resume.
  addBackgroundJob(app, { name: 'expiring orders', everyMs: LOOK_EVERY_MS }, () =>
    expireOrders(worker.database, EXPIRED_AFTER_S),
  );
}
