import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@meshmart/service/ids';
import type { Prisma, PrismaClient, ProviderEntry } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { behaviourOf } from './test-tokens.ts';

/*
 * The provider's log is in the service's database. Its commits do not wait for the disk (`synchronous_commit = off`):
 * the service's next commit, which stores the provider's decision, flushes them. After a crash of the database in
 * between, the payment is as if the provider had never been called.
 */

/** A request to the provider about a payment, which it knows by its reference. */
interface Settlement {
  reference: string;
  amountMinor: number;
}

/**
 * Authorises the amount. Like all requests to the provider it is idempotent by reference, and throws `unavailable` if
 * the response is lost. The caller then does not know whether the work was done.
 *
 * @returns the decline code; null if the amount is authorised
 */
export async function authorise(
  database: PrismaClient,
  { token, ...payment }: Settlement & { token: string },
): Promise<string | null> {
  const { declineCode = null } = behaviourOf(token);
  const entry = { ...payment, kind: 'authorisation', token, declineCode };
  const isFirst = await record(database, entry);
  await respond(token, isFirst);
  return isFirst ? declineCode : (await readAuthorisation(database, entry.reference)).declineCode;
}

/**
 * Makes the provider decline a later authorisation as `withdrawn`, unless it has decided already.
 *
 * @returns the decline code; null if the amount was authorised before
 */
export async function withdraw(database: PrismaClient, payment: Settlement): Promise<string | null> {
  await record(database, { ...payment, kind: 'authorisation', declineCode: 'withdrawn' });
  return (await readAuthorisation(database, payment.reference)).declineCode;
}

/** Captures the authorised amount. @returns false if it was voided before */
export function capture(database: PrismaClient, payment: Settlement): Promise<boolean> {
  return settle(database, payment, 'capture');
}

/** Voids the authorisation. @returns false if the amount was captured before */
export function voidAuthorisation(database: PrismaClient, payment: Settlement): Promise<boolean> {
  return settle(database, payment, 'void');
}

/** Refunds captured money. The provider does not check the amount. Each refund has a reference of its own. */
export async function refund(
  database: PrismaClient,
  entry: Settlement & { paymentReference: string },
): Promise<void> {
  const { token } = await readAuthorisation(database, entry.paymentReference);
  await respond(token, await record(database, { ...entry, kind: 'refund' }));
}

/**
 * Captures or voids, whichever comes first: a unique index refuses the other. The row lock is for replicas of an older
 * release, which look for the other one under it.
 */
async function settle(
  database: PrismaClient,
  { reference, amountMinor }: Settlement,
  kind: 'capture' | 'void',
): Promise<boolean> {
  const [{ token, isFirst }] = await database.$queryRaw<[{ token: string | null; isFirst: boolean }]>`
    WITH authorisation AS (
      SELECT token FROM provider_entries
      WHERE reference = ${reference}::uuid AND kind = 'authorisation' FOR UPDATE
    ), settled AS (
      INSERT INTO provider_entries (id, reference, kind, amount_minor)
      SELECT ${newId()}::uuid, ${reference}::uuid, ${kind}, ${amountMinor}::int FROM authorisation
      ON CONFLICT DO NOTHING RETURNING id
    )
    SELECT token, EXISTS (SELECT FROM settled) AS "isFirst", set_config('synchronous_commit', 'off', true)
    FROM authorisation`;
  const isDone = isFirst || (await database.providerEntry.count({ where: { reference, kind } })) > 0;
  await respond(token, isFirst);
  return isDone;
}

/** @returns false if the log has the entry already */
async function record(
  database: PrismaClient,
  {
    reference,
    kind,
    paymentReference,
    token,
    amountMinor,
    declineCode,
  }: Omit<Prisma.ProviderEntryCreateManyInput, 'id' | 'createdAt'>,
): Promise<boolean> {
  const recorded = await database.$queryRaw<unknown[]>`
    INSERT INTO provider_entries (id, reference, kind, payment_reference, token, amount_minor, decline_code)
    VALUES (${newId()}::uuid, ${reference}::uuid, ${kind}, ${paymentReference}::uuid, ${token}, ${amountMinor}::int, ${declineCode})
    ON CONFLICT DO NOTHING RETURNING set_config('synchronous_commit', 'off', true)`;
  return recorded.length === 1;
}

function readAuthorisation(database: PrismaClient, reference: string): Promise<ProviderEntry> {
  const where = { reference_kind: { reference, kind: 'authorisation' } };
  return database.providerEntry.findUniqueOrThrow({ where });
}

/** Simulates the response, which a test token may delay or lose. */
async function respond(token: ProviderEntry['token'], isFirst: boolean): Promise<void> {
  const { respondsAfterMs, losesFirstResponse } = token === null ? {} : behaviourOf(token);
  if (respondsAfterMs) await sleep(respondsAfterMs);
  if (losesFirstResponse && isFirst) {
    throw problem('unavailable', { cause: new Error("the provider's response was lost") });
  }
}
