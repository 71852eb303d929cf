import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@meshmart/service/ids';
import type { Prisma, PrismaClient, ProviderEntry } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { behaviourOf } from './test-tokens.ts';

/*
 * The provider's log stands in the service's own database. Its commits do not wait for the disk (`synchronous_commit = off`):
 * each is flushed, at the latest, with the service's next commit, which stores the provider's word. A crash of the database in
 * between leaves the payment as if the provider had not been asked.
 */

/** What the provider is asked to do with a payment, which it knows by its reference. */
interface Settlement {
  reference: string;
  amountMinor: number;
}

/**
 * Sets the amount aside. Asked again for a reference, the provider answers the same, here and in all that follows.
 *
 * @returns the decline code, or null when the amount is set aside
 * @throws `unavailable` when the answer is lost, here and in all that follows; whether the work was done is then unknown
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
 * Keeps the provider from setting the amount aside when it has not been asked to by now: asked later, it declines as `withdrawn`.
 *
 * @returns as `authorise`, what became of the payment
 */
export async function withdraw(database: PrismaClient, payment: Settlement): Promise<string | null> {
  await record(database, { ...payment, kind: 'authorisation', declineCode: 'withdrawn' });
  return (await readAuthorisation(database, payment.reference)).declineCode;
}

/** Takes the money that was set aside, once. @returns false when it was let go of before */
export function capture(database: PrismaClient, payment: Settlement): Promise<boolean> {
  return settle(database, payment, 'capture');
}

/** Lets go of the money that was set aside. @returns false when it was taken before */
export function voidAuthorisation(database: PrismaClient, payment: Settlement): Promise<boolean> {
  return settle(database, payment, 'void');
}

/** Gives back money that was taken; the provider trusts the amount. Each refund has a reference of its own. */
export async function refund(
  database: PrismaClient,
  entry: Settlement & { paymentReference: string },
): Promise<void> {
  const { token } = await readAuthorisation(database, entry.paymentReference);
  await respond(token, await record(database, { ...entry, kind: 'refund' }));
}

/**
 * An authorisation ends in one way only: of a capture and a void, a unique index takes the first. The lock is for a replica of an
 * older release, which looks under it for the other one.
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

/** @returns whether it was done now: false when the log has it already */
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

/** The way back of an answer, on which a test token may delay or lose it. */
async function respond(token: ProviderEntry['token'], isFirst: boolean): Promise<void> {
  const { respondsAfterMs, losesFirstResponse } = token === null ? {} : behaviourOf(token);
  if (respondsAfterMs) await sleep(respondsAfterMs);
  if (losesFirstResponse && isFirst) {
    throw problem('unavailable', { cause: new Error("the provider's answer was lost") });
  }
}
