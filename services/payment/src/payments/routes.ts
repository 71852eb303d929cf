import type { App } from '@meshmart/service/app';
import {
  closeKey,
  hash,
  IdempotencyHeaders,
  keyProblems,
  readIdempotencyKey,
} from '@meshmart/service/idempotency';
import { newId } from '@meshmart/service/ids';
import type { Static } from 'typebox';
import type { Payment } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { authorise, capture, voidAuthorisation } from '../provider/provider.ts';
import {
  beginPayment,
  findPayment,
  findPaymentsOfOrder,
  finishPayment,
  markCaptured,
  markVoided,
} from './repository.ts';
import { OrderToUndo, PaymentList, PaymentParams, PaymentRequest, PaymentSchema } from './schemas.ts';
import { voidOrRefund } from './void-or-refund.ts';

const config = { access: 'service' as const };
const newPayment = { status: 'pending', declineCode: null, refundedMinor: 0 } as const;

/**
 * Registers the routes for payments. Retries are safe: a POST /payments by its key, the others by the payment's
 * status.
 */
export async function paymentRoutes(app: App) {
  app.post(
    '/payments',
    {
      config: { ...config, problems: [...keyProblems] },
      schema: {
        operationId: 'authorisePayment',
        summary: 'Authorise a payment',
        headers: IdempotencyHeaders,
        body: PaymentRequest,
        response: { 201: PaymentSchema },
      },
    },
    async (request, reply) => {
      const { paymentToken: token, ...wanted } = request.body;
      const keyed = { scope: scopeOf(wanted), ...readIdempotencyKey(request) };
      const begun: Payment = { id: newId(), ...wanted, ...newPayment, createdAt: new Date() };
      const claim = await beginPayment(app.database, keyed, begun);
      reply.code(201);
      if (claim.state === 'done') return claim.body as Static<typeof PaymentSchema>;

      const payment = claim.isNew ? begun : await getPayment(claim.resourceId);
      const { id: reference, amountMinor } = payment;
      const declineCode = await authorise(app.database, { reference, amountMinor, token });
      return finishPayment(app.database, keyed, { payment, declineCode, toResponse: toPaymentResponse });
    },
  );

  app.get(
    '/payments/:paymentId',
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'getPayment',
        summary: 'Read a payment',
        params: PaymentParams,
        response: { 200: PaymentSchema },
      },
    },
    async ({ params }) => toPaymentResponse(await getPayment(params.paymentId)),
  );

  app.post(
    '/payments/:paymentId/capture',
    {
      config: { ...config, problems: ['not-found', 'payment-not-authorised'] },
      schema: {
        operationId: 'capturePayment',
        summary: 'Capture an authorised payment',
        params: PaymentParams,
        response: { 200: PaymentSchema },
      },
    },
    async ({ params: { paymentId } }) => {
      const payment = await getPayment(paymentId);
      const { id: reference, amountMinor, status } = payment;
      if (status === 'captured') return toPaymentResponse(payment);
      if (status !== 'authorised') throw problem('payment-not-authorised');
      if (await capture(app.database, { reference, amountMinor })) {
        return toPaymentResponse(await markCaptured(app.database, reference));
      }
      await markVoided(app.database, reference); // a void was faster, and may not have been stored
      throw problem('payment-not-authorised');
    },
  );

  app.post(
    '/payments/:paymentId/void',
    {
      config: { ...config, problems: ['not-found', 'payment-already-captured', 'payment-not-authorised'] },
      schema: {
        operationId: 'voidPayment',
        summary: 'Void an authorised payment',
        params: PaymentParams,
        response: { 200: PaymentSchema },
      },
    },
    async ({ params: { paymentId } }) => {
      const payment = await getPayment(paymentId);
      const { id: reference, amountMinor, status } = payment;
      if (status === 'voided') return toPaymentResponse(payment);
      if (status === 'captured') throw problem('payment-already-captured');
      if (status !== 'authorised') throw problem('payment-not-authorised');
      if (await voidAuthorisation(app.database, { reference, amountMinor })) {
        return toPaymentResponse(await markVoided(app.database, reference));
      }
      await markCaptured(app.database, reference); // otherwise a refund would be refused
      throw problem('payment-already-captured');
    },
  );

  app.post(
    '/payments/of-order/void-or-refund',
    {
      config,
      schema: {
        operationId: 'voidOrRefundOrder',
        summary: 'Void or refund all payments of an order',
        body: OrderToUndo,
        response: { 200: PaymentList },
      },
    },
    async ({ body: { orderId, userId, authorisationKey } }) => {
      await closeKey(app.database, { scope: scopeOf({ userId }), key: hash(authorisationKey) });
      const payments = await findPaymentsOfOrder(app.database, orderId);
      for (const payment of payments) await voidOrRefund(app.database, payment);
      return { items: (await findPaymentsOfOrder(app.database, orderId)).map(toPaymentResponse) };
    },
  );

  async function getPayment(id: string): Promise<Payment> {
    const payment = await findPayment(app.database, id);
    if (!payment) throw problem('not-found');
    return payment;
  }
}

function scopeOf({ userId }: { userId: string }): string {
  return `${userId} POST /payments`;
}

function toPaymentResponse({ declineCode, createdAt, ...payment }: Payment): Static<typeof PaymentSchema> {
  return { ...payment, ...(declineCode ? { declineCode } : {}), createdAt: createdAt.toISOString() };
}
