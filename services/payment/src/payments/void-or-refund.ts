import type { Payment, PrismaClient } from '../../generated/prisma/client.ts';
import { refund, voidAuthorisation, withdraw } from '../provider/provider.ts';
import { claimRest, findUnfinishedRefunds, markRefunded } from '../refunds/repository.ts';
import { markAuthorisation, markCaptured, markVoided } from './repository.ts';

/**
 * Gives back all of a payment, whatever has become of it: an amount that is set aside is voided, one that was taken is refunded.
 * A repetition goes on from where the one before has died, and does nothing twice.
 *
 * @throws `unavailable` when an answer of the provider is lost; a repetition completes the work
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

/** A refund that somebody has begun and not finished is finished, too: the provider knows it by its own reference. */
async function refundRest(database: PrismaClient, paymentReference: string): Promise<void> {
  await claimRest(database, paymentReference);
  for (const { id, amountMinor } of await findUnfinishedRefunds(database, paymentReference)) {
    await refund(database, { reference: id, paymentReference, amountMinor });
    await markRefunded(database, id);
  }
}
