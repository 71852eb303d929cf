import type { App } from './app.ts';
import { addBackgroundJob } from './background-job.ts';
import { KEYS_KEPT_FOR_H, type RawDatabase } from './idempotency.ts';

const LOOK_EVERY_MS = 5000;
const BATCH = 100;

/**
 * Deletes, in the background, idempotency keys that were claimed more than 24 hours ago. What such a key has begun must be at
 * its end: until then a repetition is how its client finds out about it, however late.
 *
 * @param unfinished SQL of the service's own kind (`Prisma.sql`), true while the resource `k.resource_id` is being worked on
 */
export async function expireIdempotencyKeys(
  app: App & { database: RawDatabase },
  { unfinished }: { unfinished: unknown },
): Promise<void> {
  addBackgroundJob(app, { name: 'forgetting old keys', everyMs: LOOK_EVERY_MS }, async (stop) => {
    let deleted = BATCH;
    while (deleted === BATCH && !stop.aborted) deleted = await deleteExpiredKeys(app.database, unfinished);
  });
}

/**
 * One small batch, so that no request waits long for a row of it. Replicas that look at the same moment take different keys, and
 * leave out one that a repetition is taking over right now.
 *
 * @returns how many keys were deleted, at most 100
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
