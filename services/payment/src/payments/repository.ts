import { type Claim, claimKey, completeKey, type KeyedRequest } from '@meshmart/service/idempotency';
import { type Payment, Prisma, type PrismaClient } from '../../generated/prisma/client.ts';
import { bookEntry } from '../ledger/ledger.ts';

export type NewPayment = Pick<Payment, 'id' | 'orderId' | 'userId' | 'amountMinor' | 'currency'>;

export function findPayment(database: PrismaClient, id: string): Promise<Payment | null> {
  return database.payment.findUnique({ where: { id } });
}

export function findPaymentsOfOrder(database: PrismaClient, orderId: string): Promise<Payment[]> {
  return database.payment.findMany({ where: { orderId }, orderBy: { id: 'asc' } });
}

/** Claims the key and stores the payment in one transaction, so that neither is ever there without the other. */
export function beginPayment(
  database: PrismaClient,
  request: KeyedRequest,
  payment: NewPayment,
): Promise<Claim> {
  return database.$transaction(async (tx) => {
    const claim = await claimKey(tx, request, payment.id);
    if (claim.state === 'claimed' && claim.isNew) await tx.payment.create({ data: payment });
    return claim;
  });
}

/**
 * Of the key `k`: an amount that is only set aside waits to be taken or let go of, by who may have to ask with the same key what
 * became of it.
 */
export const isPaymentUnfinished = Prisma.sql`
  EXISTS (SELECT FROM payments WHERE id = k.resource_id AND status IN ('pending', 'authorised'))`;

/** Stores the provider's word and the answer that repetitions of the request will get. */
export function finishPayment<T>(
  database: PrismaClient,
  request: KeyedRequest,
  { id, declineCode, answer }: { id: string; declineCode: string | null; answer: (payment: Payment) => T },
): Promise<T> {
  return database.$transaction(async (tx) => {
    const payment = await markAnswered(tx, id, declineCode);
    return completeKey(tx, request, 201, answer(payment));
  });
}

/** Stores the provider's word on an authorisation. @returns the payment, which may have gone further meanwhile */
export async function markAnswered(
  database: Prisma.TransactionClient,
  id: string,
  declineCode: string | null,
): Promise<Payment> {
  const status = declineCode === null ? 'authorised' : 'declined';
  await database.payment.updateMany({ where: { id, status: 'pending' }, data: { status, declineCode } });
  return database.payment.findUniqueOrThrow({ where: { id } });
}

/** Stores that the provider has taken the money, and books it, once. */
export function markCaptured(database: PrismaClient, id: string): Promise<Payment> {
  return database.$transaction(async (tx) => {
    const { count } = await tx.payment.updateMany({
      where: { id, status: 'authorised' },
      data: { status: 'captured' },
    });
    const payment = await tx.payment.findUniqueOrThrow({ where: { id } });
    const { amountMinor, currency } = payment;
    if (count === 1) await bookEntry(tx, { kind: 'capture', reference: id, amountMinor, currency });
    return payment;
  });
}

/** Stores that the provider has let go of the money. None has moved, so nothing is booked. */
export async function markVoided(database: PrismaClient, id: string): Promise<Payment> {
  await database.payment.updateMany({ where: { id, status: 'authorised' }, data: { status: 'voided' } });
  return database.payment.findUniqueOrThrow({ where: { id } });
}
