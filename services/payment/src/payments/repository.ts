import {
  type Claim,
  claimKey,
  completeKey,
  endAndCompleteKey,
  type KeyedRequest,
} from '@meshmart/service/idempotency';
import { type Payment, Prisma, type PrismaClient } from '../../generated/prisma/client.ts';
import { postEntry } from '../ledger/ledger.ts';

/** Finds a payment. @returns null if it does not exist */
export function findPayment(database: PrismaClient, id: string): Promise<Payment | null> {
  return database.payment.findUnique({ where: { id } });
}

/** Lists an order's payments, oldest first: more than one if its authorisation was requested with several keys. */
export function findPaymentsOfOrder(database: PrismaClient, orderId: string): Promise<Payment[]> {
  return database.payment.findMany({ where: { orderId }, orderBy: { id: 'asc' } });
}

/** Claims the key and stores the pending payment in one statement, so that neither exists without the other. */
export function beginPayment(
  database: PrismaClient,
  request: KeyedRequest,
  { id, orderId, userId, amountMinor, currency, createdAt }: Payment,
): Promise<Claim> {
  return claimKey(
    database,
    request,
    id,
    Prisma.sql`begun AS (
      INSERT INTO payments (id, order_id, user_id, amount_minor, currency, created_at)
      SELECT ${id}::uuid, ${orderId}::uuid, ${userId}::uuid, ${amountMinor}::int, ${currency}, ${createdAt}::timestamptz
      FROM new_key RETURNING id)`,
  );
}

/** SQL condition on a key (alias `k`): its payment is not final, and the caller may retry with the key. */
export const keyOfUnfinishedPayment = Prisma.sql`
  EXISTS (SELECT FROM payments WHERE id = k.resource_id AND status IN ('pending', 'authorised'))`;

/** Stores the provider's decision and the response for retries. @returns the first stored response */
export async function finishPayment<T>(
  database: PrismaClient,
  request: KeyedRequest,
  {
    payment,
    declineCode,
    toResponse,
  }: { payment: Payment; declineCode: string | null; toResponse: (payment: Payment) => T },
): Promise<T> {
  const { id } = payment;
  const status = statusOf(declineCode);
  const ended = Prisma.sql`done AS (
    UPDATE payments SET status = ${status}::payment_status, decline_code = ${declineCode}
    WHERE id = ${id}::uuid AND status = 'pending' RETURNING id)`;
  const body = toResponse({ ...payment, status, declineCode });
  const stored = await endAndCompleteKey(database, request, { status: 201, body, ended });
  if (stored !== undefined) return stored;
  // Another request has finished the payment, and may have captured or voided it.
  const standing = await database.payment.findUniqueOrThrow({ where: { id } });
  return completeKey(database, request, 201, toResponse(standing));
}

function statusOf(declineCode: string | null) {
  return declineCode === null ? 'authorised' : 'declined';
}

/** Stores the provider's decision on an authorisation. @returns the payment, which may have been captured or voided */
export async function markAuthorisation(
  database: PrismaClient,
  id: string,
  declineCode: string | null,
): Promise<Payment> {
  const [decided] = await database.payment.updateManyAndReturn({
    where: { id, status: 'pending' },
    data: { status: statusOf(declineCode), declineCode },
  });
  return decided ?? database.payment.findUniqueOrThrow({ where: { id } });
}

/** Stores that the provider has taken the money, and posts it to the ledger, once. */
export async function markCaptured(database: PrismaClient, id: string): Promise<Payment> {
  const [captured] = await database.$queryRaw<Payment[]>`
    WITH moved AS (
      UPDATE payments SET status = 'captured' WHERE id = ${id}::uuid AND status = 'authorised' RETURNING *
    ), ${postEntry('capture')}
    SELECT id, order_id AS "orderId", user_id AS "userId", amount_minor AS "amountMinor", currency, status,
      decline_code AS "declineCode", refunded_minor AS "refundedMinor", created_at AS "createdAt"
    FROM moved`;
  return captured ?? database.payment.findUniqueOrThrow({ where: { id } });
}

/** Stores that the provider has voided the authorisation. No money has moved, so the ledger gets no entry. */
export async function markVoided(database: PrismaClient, id: string): Promise<Payment> {
  const [voided] = await database.payment.updateManyAndReturn({
    where: { id, status: 'authorised' },
    data: { status: 'voided' },
  });
  return voided ?? database.payment.findUniqueOrThrow({ where: { id } });
}
