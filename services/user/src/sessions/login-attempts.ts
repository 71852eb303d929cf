import { createHash } from 'node:crypto';
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts';

/** Failures that an address may have at one account; after that, one more per recovery time. */
export const FAILURES_PER_ADDRESS = 20;
const ADDRESS_RECOVERS_AFTER_S = 60;
/** Failures from all addresses at which an account counts as attacked; each recovery time removes one. */
export const FAILURES_PER_ACCOUNT = 100;
const ACCOUNT_RECOVERS_AFTER_S = 900;
/** After a correct password, an address counts as the owner's for so long: attacks from others do not affect it. */
const KNOWN_FOR_D = 30;
const ATTEMPTS_KEPT_FOR_H = 24;

/** Returns the hash of an email, ignoring case, by which an account's attempts are counted. */
export function accountOf(email: string): Uint8Array<ArrayBuffer> {
  return sha256(email.toLowerCase());
}

/** Hashes an address per account, so that the rows do not show which accounts one person tried. */
function addressOf(email: string, source: string): Uint8Array<ArrayBuffer> {
  return sha256(`${email.toLowerCase()} ${source}`);
}

function sha256(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/** Returns SQL for the current failures of a row with `failures` and `last_at`. */
const remaining = (row: string, recoversAfterS: number) => Prisma.sql`greatest(0, ${Prisma.raw(row)}.failures
  - floor(extract(epoch FROM now() - ${Prisma.raw(row)}.last_at) / ${recoversAfterS}::int)::int)`;

/**
 * Counts an attempt to log in and decides whether it may succeed. No account is ever locked. Failures slow down their
 * address; if an account has too many from all addresses, they slow down every address that failed at it within a day.
 * With the correct password, the owner gets in from a known address and from any address without failures.
 *
 * The statement is the same for correct and wrong passwords and for unknown accounts, and runs after the verification,
 * so that neither response nor timing reveals which it was. Simultaneous attempts from an address queue for its row, so
 * that it never gets more guesses than it has left.
 *
 * @param isRight whether the password is correct; then the address's count is reset
 * @returns false if the attempt is refused, even with the correct password
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

/** Deletes a batch of counts that are a day old. @returns the number of deleted rows */
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
