import { createHash } from 'node:crypto';
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts';

/** An address may fail so often at one account; then once for every such time in which it did not. */
export const FAILURES_PER_ADDRESS = 20;
const ADDRESS_RECOVERS_AFTER_S = 60;
/** From so many failures on, wherever they came from, an account counts as attacked; each such time without one takes one off. */
export const FAILURES_PER_ACCOUNT = 100;
const ACCOUNT_RECOVERS_AFTER_S = 900;
/** An address from which the right password came is the owner's for so long: an attack from others does not concern it. */
const KNOWN_FOR_D = 30;
/** A failure is forgotten after so long. */
export const ATTEMPTS_KEPT_FOR_H = 24;

export function accountOf(email: string): Uint8Array<ArrayBuffer> {
  return sha256(email.toLowerCase());
}

/** The same address has another hash at each account, so that the rows do not tell which accounts one person tried. */
function addressOf(email: string, source: string): Uint8Array<ArrayBuffer> {
  return sha256(`${email.toLowerCase()} ${source}`);
}

function sha256(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/** SQL for the failures that count now in a row with `failures` and `last_at`. */
const remaining = (row: string, recoversAfterS: number) => Prisma.sql`greatest(0, ${Prisma.raw(row)}.failures
  - floor(extract(epoch FROM now() - ${Prisma.raw(row)}.last_at) / ${recoversAfterS}::int)::int)`;

/**
 * Counts one attempt to log in and decides whether it counts at all. No account is ever locked: failures slow down the address
 * that they come from, and when an account has too many from all addresses, those that have failed at it within a day. So the
 * owner gets in, with the right password, from a known address and from any that has not failed.
 *
 * One statement, and the same one whether the password was right or wrong, and whether there is such an account or not: neither
 * the answer nor its time shall tell. For the same reason it is done after the password was verified. The address's row is where
 * attempts that come at once queue up, so that an address never gets more guesses decided than it has left.
 *
 * @param isRight whether the password was; then the address's count begins anew
 * @returns false when the attempt is refused: then the right password is refused, too
 */
export async function countAttempt(
  database: PrismaClient,
  { email, source, isRight }: { email: string; source: string; isRight: boolean },
): Promise<boolean> {
  const account = accountOf(email);
  const counted = await database.$queryRaw<unknown[]>`
    WITH counted AS (
      INSERT INTO login_addresses AS a (account, address, failures, last_at, known_until)
      VALUES (${account}, ${addressOf(email, source)}, ${isRight ? 0 : 1}, now(),
        CASE WHEN ${isRight} THEN now() + make_interval(days => ${KNOWN_FOR_D}::int) END)
      ON CONFLICT (account, address) DO UPDATE SET
        failures = CASE WHEN ${isRight} THEN 0 ELSE ${remaining('a', ADDRESS_RECOVERS_AFTER_S)} + 1 END,
        known_until = coalesce(excluded.known_until, a.known_until),
        last_at = now()
      WHERE ${remaining('a', ADDRESS_RECOVERS_AFTER_S)} < ${FAILURES_PER_ADDRESS}::int
        AND (a.failures = 0 OR a.known_until > now()
          OR a.last_at < now() - make_interval(hours => ${ATTEMPTS_KEPT_FOR_H}::int)
          OR NOT EXISTS (
            SELECT FROM login_attempts AS t WHERE t.account = a.account
              AND ${remaining('t', ACCOUNT_RECOVERS_AFTER_S)} >= ${FAILURES_PER_ACCOUNT}::int))
      RETURNING a.account
    ), total AS (
      INSERT INTO login_attempts AS t (account, failures, last_at)
      SELECT account, 1, now() FROM counted WHERE NOT ${isRight}
      ON CONFLICT (account) DO UPDATE SET
        failures = least(${FAILURES_PER_ACCOUNT}::int, ${remaining('t', ACCOUNT_RECOVERS_AFTER_S)} + 1),
        last_at = now()
    )
    SELECT FROM counted`;
  return counted.length > 0;
}

/** Forgets addresses and counts of failures that nobody has added to for a day, some at a time. @returns how many */
export async function forgetAttempts(database: PrismaClient, batch: number): Promise<number> {
  const isOver = Prisma.sql`last_at < now() - make_interval(hours => ${ATTEMPTS_KEPT_FOR_H}::int)`;
  const accounts = await database.$executeRaw`
    DELETE FROM login_attempts WHERE account IN (
      SELECT account FROM login_attempts WHERE ${isOver}
      ORDER BY last_at LIMIT ${batch}::int FOR UPDATE SKIP LOCKED)`;
  const addresses = await database.$executeRaw`
    DELETE FROM login_addresses WHERE (account, address) IN (
      SELECT account, address FROM login_addresses WHERE ${isOver} AND (known_until IS NULL OR known_until < now())
      ORDER BY last_at LIMIT ${batch}::int FOR UPDATE SKIP LOCKED)`;
  return accounts + addresses;
}
