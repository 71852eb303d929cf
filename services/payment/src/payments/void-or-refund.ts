import type { Payment, PrismaClient } from '../../generated/prisma/client.ts';
import { refund, voidAuthorisation, withdraw } from '../provider/provider.ts';
import { claimRest, findUnfinishedRefunds, markRefunded } from '../refunds/repository.ts';
import { markAuthorisation, markCaptured, markVoided } from './repository.ts';

/**
 * Voids an authorised payment or refunds a captured one in full. A retry continues where the last call stopped, and
 * does nothing twice.
 *
 * @throws `unavailable` if a response of the provider is lost; a retry completes the work
 */
export async function voidOrRefund(database: PrismaClient, payment: Payment): Promise<void> {
  const { id: reference, amountMinor } = payment;
  let { status } = payment;
  if (status === 'pending') {
    const declineCode = await withdraw(database, { reference, amountMinor });
    status = (await markAuthorisation(database, reference, declineCode)).status;
  }
  if (status === 'authorised') {
    const isVoided = await voidAuthorisation(database, { reference, amountMinor });
    status = (await (isVoided ? markVoided : markCaptured)(database, reference)).status;
  }
  if (status === 'captured') await refundRest(database, reference);
}

/** Refunds the rest, and finishes refunds that were begun: the provider knows each by its own reference. */
async function refundRest(database: PrismaClient, paymentReference: string): Promise<void> {
  await claimRest(database, paymentReference);
  for (const { id, amountMinor } of await findUnfinishedRefunds(database, paymentReference)) {
    await refund(database, { reference: id, paymentReference, amountMinor });
    await markRefunded(database, id);
  }
}
