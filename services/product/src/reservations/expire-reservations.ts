import type { App } from '@meshmart/service/app';
import { addBackgroundJob } from '@meshmart/service/background-job';
import { releaseExpired } from './repository.ts';

const LOOK_EVERY_MS = 1000;

/** Adds the background job that releases expired reservations. */
export async function expireReservations(app: App): Promise<void> {
  addBackgroundJob(app, { name: 'expiring reservations', everyMs: LOOK_EVERY_MS }, async () => {
    const orderIds = await releaseExpired(app.stockDatabase);
    if (orderIds.length > 0) app.log.info({ orderIds }, 'reservations have expired');
  });
}
