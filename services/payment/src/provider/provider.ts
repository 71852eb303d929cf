import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@meshmart/service/ids';
import type { Prisma, PrismaClient, ProviderEntry } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { behaviourOf } from './test-tokens.ts';

type Log = Prisma.TransactionClient;

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
  await answer(token, isFirst);
  return (await readAuthorisation(database, entry.reference)).declineCode;
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
  return settle(database, payment, { kind: 'capture', unless: 'void' });
}

/** Lets go of the money that was set aside. @returns false when it was taken before */
export function voidAuthorisation(database: PrismaClient, payment: Settlement): Promise<boolean> {
  return settle(database, payment, { kind: 'void', unless: 'capture' });
}

/** Gives back money that was taken; the provider trusts the amount. Each refund has a reference of its own. */
export async function refund(
  database: PrismaClient,
  entry: Settlement & { paymentReference: string },
): Promise<void> {
  const { token } = await readAuthorisation(database, entry.paymentReference);
  await answer(token, await record(database, { ...entry, kind: 'refund' }));
}

/** An authorisation ends in one way only. Its row is locked, so that of two at the same time one comes second. */
async function settle(
  database: PrismaClient,
  payment: Settlement,
  { kind, unless }: { kind: string; unless: string },
): Promise<boolean> {
  const { reference } = payment;
  const settled = await database.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT FROM provider_entries WHERE reference = ${reference}::uuid FOR UPDATE`;
    const refused = (await tx.providerEntry.count({ where: { reference, kind: unless } })) > 0;
    const isFirst = !refused && (await record(tx, { ...payment, kind }));
    return { refused, isFirst };
  });
  await answer((await readAuthorisation(database, reference)).token, settled.isFirst);
  return !settled.refused;
}

/** @returns whether it was done now: false when the log has it already */
async function record(
  database: Log,
  entry: Omit<Prisma.ProviderEntryCreateManyInput, 'id' | 'createdAt'>,
): Promise<boolean> {
  const data = { id: newId(), ...entry };
  const { count } = await database.providerEntry.createMany({ data, skipDuplicates: true });
  return count === 1;
}

function readAuthorisation(database: Log, reference: string): Promise<ProviderEntry> {
  const where = { reference_kind: { reference, kind: 'authorisation' } };
  return database.providerEntry.findUniqueOrThrow({ where });
}

/** The way back of an answer, on which a test token may delay or lose it. */
async function answer(token: ProviderEntry['token'], isFirst: boolean): Promise<void> {
  const { answersAfterMs, losesFirstAnswer } = token === null ? {} : behaviourOf(token);
  if (answersAfterMs) await sleep(answersAfterMs);
  if (losesFirstAnswer && isFirst) {
    throw problem('unavailable', { cause: new Error("the provider's answer was lost") });
  }
}
