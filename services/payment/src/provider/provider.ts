import { newId } from '@meshmart/service/ids';
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';

/** What each test token makes the provider do. There are no card numbers anywhere: a token stands for the card. */
export const TEST_TOKENS: Record<string, { declineCode?: string }> = {
  tok_approved: {},
  tok_declined: { declineCode: 'do_not_honour' },
  tok_insufficient_funds: { declineCode: 'insufficient_funds' },
};

/** Anything else is what a stolen or mistyped token would be. */
const UNKNOWN_TOKEN = { declineCode: 'invalid_token' };

/** @returns the decline code, or null when the amount is set aside. Asked again for a reference, it answers the same. */
export async function authorise(
  database: PrismaClient,
  payment: { reference: string; amountMinor: number; token: string },
): Promise<string | null> {
  const { declineCode = null } = TEST_TOKENS[payment.token] ?? UNKNOWN_TOKEN;
  const entry = await record(database, 'authorisation', { ...payment, declineCode });
  return entry.declineCode;
}

/** Takes the money that was set aside, once. */
export async function capture(
  database: PrismaClient,
  payment: { reference: string; amountMinor: number },
): Promise<void> {
  await record(database, 'capture', { ...payment, declineCode: null });
}

async function record(
  database: PrismaClient,
  kind: string,
  {
    reference,
    amountMinor,
    declineCode,
  }: { reference: string; amountMinor: number; declineCode: string | null },
) {
  const data: Prisma.ProviderEntryCreateManyInput = {
    id: newId(),
    reference,
    kind,
    amountMinor,
    declineCode,
  };
  await database.providerEntry.createMany({ data, skipDuplicates: true });
  return database.providerEntry.findUniqueOrThrow({ where: { reference_kind: { reference, kind } } });
}
