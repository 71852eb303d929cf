import type { App } from './app.ts';
import { addBackgroundJob } from './background-job.ts';
import { KEYS_KEPT_FOR_H, type RawDatabase } from './idempotency.ts';

const LOOK_EVERY_MS = 5000;
const BATCH = 100;

/**
 * Adds a background job that deletes idempotency keys 24 hours after they were claimed. A key whose work is unfinished
 * is kept: a retry with it is the client's way to learn the outcome.
 *
 * @param unfinished `Prisma.sql` condition: the work of the key `k` (on `k.resource_id`) is unfinished
 */
export async function expireIdempotencyKeys(
  app: App & { database: RawDatabase },
  { unfinished }: { unfinished: unknown },
): Promise<void> {
  addBackgroundJob(app, { name: 'expiring idempotency keys', everyMs: LOOK_EVERY_MS }, async (stop) => {
    let deleted = BATCH;
    while (deleted === BATCH && !stop.aborted) deleted = await deleteExpiredKeys(app.database, unfinished);
  });
}

/**
 * Deletes one small batch of keys, so that no request waits long for a row. Skips keys that another replica or a retry
 * has locked.
 *
 * @returns the number of deleted keys, at most 100
 */
export async function deleteExpiredKeys(database: RawDatabase, unfinished: unknown): Promise<number> {
  const deleted = await database.$queryRaw<unknown[]>`
    WITH old AS (
      SELECT scope, key FROM idempotency_keys AS k
      WHERE claimed_at < now() - make_interval(hours => ${KEYS_KEPT_FOR_H}) AND NOT (${unfinished})
      ORDER BY claimed_at LIMIT ${BATCH} FOR UPDATE OF k SKIP LOCKED)
    DELETE FROM idempotency_keys AS k USING old WHERE k.scope = old.scope AND k.key = old.key
    RETURNING k.key`;
  return deleted.length;
}
