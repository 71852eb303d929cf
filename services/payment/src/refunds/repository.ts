import { type Claim, claimKey, completeKey, type KeyedRequest } from '@meshmart/service/idempotency';
import { newId } from '@meshmart/service/ids';
import { type Payment, Prisma, type PrismaClient, type Refund } from '../../generated/prisma/client.ts';
import { postEntry } from '../ledger/ledger.ts';
import { problem } from '../problems.ts';

export type RefundWithPayment = Prisma.RefundGetPayload<{ include: { payment: true } }>;

/**
 * Claims the key and the amount before the provider is called. Simultaneous refunds wait for the payment's row, so that
 * their sum never exceeds the payment.
 *
 * @throws `payment-not-captured` or `refund-exceeds-payment`; the key stays free
 */
export function beginRefund(
  database: PrismaClient,
  request: KeyedRequest,
  { id, payment, amountMinor }: { id: string; payment: Payment; amountMinor: number },
): Promise<Claim> {
  return database.$transaction(async (tx) => {
    const claim = await claimKey(
      tx,
      request,
      id,
      Prisma.sql`claimed_amount AS (
        UPDATE payments SET refunded_minor = refunded_minor + ${amountMinor}::int FROM new_key
        WHERE id = ${payment.id}::uuid AND status = 'captured' AND refunded_minor + ${amountMinor}::bigint <= amount_minor
        RETURNING id
      ), begun AS (
        INSERT INTO refunds (id, payment_id, amount_minor) SELECT ${id}::uuid, id, ${amountMinor}::int FROM claimed_amount
        RETURNING id)`,
    );
    if (claim.state === 'claimed' && claim.isNew && !claim.hasBegun) {
      const { status } = await tx.payment.findUniqueOrThrow({ where: { id: payment.id } });
      throw problem(status === 'captured' ? 'refund-exceeds-payment' : 'payment-not-captured');
    }
    return claim;
  });
}

/** SQL condition on a key (alias `k`): its refund has claimed the amount and is not completed. */
export const keyOfUnfinishedRefund = Prisma.sql`
  EXISTS (SELECT FROM refunds WHERE id = k.resource_id AND completed_at IS NULL)`;

/** Begins a refund of the rest of a captured payment, if there is any. */
export async function claimRest(database: PrismaClient, paymentId: string): Promise<void> {
  await database.$executeRaw`
    WITH payment AS (
      SELECT id, amount_minor - refunded_minor AS rest FROM payments
      WHERE id = ${paymentId}::uuid AND status = 'captured' AND refunded_minor < amount_minor FOR UPDATE
    ), claimed AS (
      UPDATE payments SET refunded_minor = amount_minor FROM payment WHERE payments.id = payment.id)
    INSERT INTO refunds (id, payment_id, amount_minor) SELECT ${newId()}::uuid, id, rest FROM payment`;
}

/** Lists refunds that have claimed their amount and are not completed, oldest first. */
export function findUnfinishedRefunds(database: PrismaClient, paymentId: string): Promise<Refund[]> {
  return database.refund.findMany({ where: { paymentId, completedAt: null }, orderBy: { id: 'asc' } });
}

/** Stores that the provider has refunded the money, and posts it to the ledger, once. */
export async function markRefunded(database: PrismaClient, id: string): Promise<void> {
  await database.$executeRaw`
    WITH moved AS (
      UPDATE refunds SET completed_at = now() FROM payments
      WHERE refunds.id = ${id}::uuid AND completed_at IS NULL AND payments.id = payment_id
      RETURNING refunds.id, refunds.amount_minor, payments.currency
    ), ${postEntry('refund')}
    SELECT FROM moved`;
}

/** Stores the response for retries. If the replica dies before that, a retry takes over the key. */
export async function completeRefund<T>(
  database: PrismaClient,
  request: KeyedRequest,
  { id, toResponse }: { id: string; toResponse: (refund: RefundWithPayment) => T },
): Promise<T> {
  const refund = await database.refund.findUniqueOrThrow({ where: { id }, include: { payment: true } });
  return completeKey(database, request, 201, toResponse(refund));
}
