import type { App } from '@meshmart/service/app';
import { IdempotencyHeaders, keyProblems, readIdempotencyKey } from '@meshmart/service/idempotency';
import { newId } from '@meshmart/service/ids';
import type { Static } from 'typebox';
import { findPayment } from '../payments/repository.ts';
import { PaymentParams } from '../payments/schemas.ts';
import { problem } from '../problems.ts';
import { refund } from '../provider/provider.ts';
import { beginRefund, completeRefund, markRefunded, type RefundWithPayment } from './repository.ts';
import { RefundRequest, RefundSchema } from './schemas.ts';

/** Registers the route for partial refunds, for other services only. */
export async function refundRoutes(app: App) {
  app.post(
    '/payments/:paymentId/refunds',
    {
      config: {
        access: 'service',
        problems: ['not-found', 'payment-not-captured', 'refund-exceeds-payment', ...keyProblems],
      },
      schema: {
        operationId: 'refundPayment',
        summary: 'Refund part of a captured payment',
        headers: IdempotencyHeaders,
        params: PaymentParams,
        body: RefundRequest,
        response: { 201: RefundSchema },
      },
    },
    async (request, reply) => {
      const idempotencyKey = readIdempotencyKey(request);
      const payment = await findPayment(app.database, request.params.paymentId);
      if (!payment) throw problem('not-found');
      const keyed = { scope: `${payment.userId} POST /payments/${payment.id}/refunds`, ...idempotencyKey };
      const { amountMinor } = request.body;
      const claim = await beginRefund(app.database, keyed, { id: newId(), payment, amountMinor });
      reply.code(201);
      if (claim.state === 'done') return claim.body as Static<typeof RefundSchema>;

      const id = claim.resourceId;
      await refund(app.database, { reference: id, paymentReference: payment.id, amountMinor });
      await markRefunded(app.database, id);
      return completeRefund(app.database, keyed, { id, toResponse: toRefundResponse });
    },
  );
}

function toRefundResponse({
  id,
  paymentId,
  amountMinor,
  ...refund
}: RefundWithPayment): Static<typeof RefundSchema> {
  const { currency } = refund.payment;
  return { id, paymentId, amountMinor, currency, createdAt: refund.createdAt.toISOString() };
}
