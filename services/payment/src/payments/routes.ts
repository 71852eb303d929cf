import type { App } from '@meshmart/service/app';
import { IdempotencyHeaders, readIdempotencyKey } from '@meshmart/service/idempotency';
import { newId } from '@meshmart/service/ids';
import type { Static } from 'typebox';
import type { Payment } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { authorise, capture } from '../provider/provider.ts';
import { beginPayment, findPayment, finishPayment, markCaptured } from './repository.ts';
import { PaymentParams, PaymentRequest, PaymentSchema } from './schemas.ts';

const config = { access: 'service' as const };

export async function paymentRoutes(app: App) {
  app.post(
    '/payments',
    {
      config,
      schema: {
        operationId: 'authorisePayment',
        headers: IdempotencyHeaders,
        body: PaymentRequest,
        response: { 201: PaymentSchema },
      },
    },
    async (request, reply) => {
      const { paymentToken: token, ...payment } = request.body;
      const keyed = { scope: `${payment.userId} POST /payments`, ...readIdempotencyKey(request) };
      const claim = await beginPayment(app.database, keyed, { id: newId(), ...payment });
      reply.code(201);
      if (claim.state === 'done') return claim.body as Static<typeof PaymentSchema>;

      const id = claim.resourceId;
      const { amountMinor } = payment;
      const declineCode = await authorise(app.database, { reference: id, amountMinor, token });
      return finishPayment(app.database, keyed, { id, declineCode, answer: present });
    },
  );

  app.get(
    '/payments/:paymentId',
    {
      config,
      schema: { operationId: 'getPayment', params: PaymentParams, response: { 200: PaymentSchema } },
    },
    async ({ params }) => present(await getPayment(params.paymentId)),
  );

  app.post(
    '/payments/:paymentId/capture',
    {
      config,
      schema: { operationId: 'capturePayment', params: PaymentParams, response: { 200: PaymentSchema } },
    },
    async ({ params: { paymentId } }) => {
      const { id, amountMinor, status } = await getPayment(paymentId);
      if (status === 'pending' || status === 'declined') throw problem('payment-not-authorised');
      await capture(app.database, { reference: id, amountMinor });
      await markCaptured(app.database, id);
      return present(await getPayment(id));
    },
  );

  async function getPayment(id: string): Promise<Payment> {
    const payment = await findPayment(app.database, id);
    if (!payment) throw problem('not-found');
    return payment;
  }
}

function present({ declineCode, createdAt, ...payment }: Payment): Static<typeof PaymentSchema> {
  return { ...payment, ...(declineCode ? { declineCode } : {}), createdAt: createdAt.toISOString() };
}
