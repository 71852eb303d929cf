import { createHash } from 'node:crypto';
import type { PrismaClient } from '../../generated/prisma/client.ts';

/** After so many failures in a row the account is locked, and after as many more again, each time for twice as long. */
export const FAILURES_UNTIL_LOCK = 10;
const FIRST_LOCK_MIN = 15;
/** Four hours at most. */
const MOST_DOUBLINGS = 4;
/** A row is forgotten when nobody has tried for so long; it is more than the longest lock. */
export const ATTEMPTS_KEPT_FOR_H = 24;

export function accountOf(email: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(email.toLowerCase()).digest());
}

/**
 * Counts one attempt to log in, whatever address it came from and whichever replica it reached. The row is also where attempts
 * that come at once queue up, so at most ten guesses are ever decided before the lock is there; while it is, nothing counts.
 *
 * One statement, and the same one whether the password was right or wrong, and whether there is such an account or not: neither
 * the answer nor its time shall tell. For the same reason it is done after the password was verified, also on a locked account.
 *
 * @param isRight whether the password was; then the count begins anew
 * @returns false when the account is locked: then the right password is refused, too
 */
export async function countAttempt(
  database: PrismaClient,
  email: string,
  isRight: boolean,
): Promise<boolean> {
  const open = await database.$queryRaw<unknown[]>`
    INSERT INTO login_attempts AS a (account, failures, last_at)
    VALUES (${accountOf(email)}, ${isRight ? 0 : 1}, now())
    ON CONFLICT (account) DO UPDATE SET
      failures = CASE WHEN ${isRight} THEN 0 ELSE a.failures + 1 END,
      locked_until = CASE WHEN NOT ${isRight} AND (a.failures + 1) % ${FAILURES_UNTIL_LOCK}::int = 0
        THEN now() + make_interval(mins => ${FIRST_LOCK_MIN}::int
          * power(2, least((a.failures + 1) / ${FAILURES_UNTIL_LOCK}::int - 1, ${MOST_DOUBLINGS}::int))::int) END,
      last_at = now()
    WHERE a.locked_until IS NULL OR a.locked_until <= now()
    RETURNING failures`;
  return open.length > 0;
}
