import { newId } from '@meshmart/service/ids';
import type { Attempts, MakeAttempt } from './attempt.ts';

const newPayment = () => ({
  path: '/payments',
  headers: { 'idempotency-key': newId() },
  body: {
    orderId: newId(),
    userId: newId(),
    amountMinor: 1250,
    currency: 'EUR',
    paymentToken: 'tok_approved',
  },
});

const authorised =
  (step = ''): MakeAttempt =>
  async ({ must }) => {
    const { id } = await must('payment', { method: 'POST', ...newPayment() });
    return { path: `/payments/${id}${step}`, status: 200 };
  };

export const attempts: Attempts = {
  'POST /payments': async () => ({ ...newPayment(), status: 201 }),
  'GET /payments/:paymentId': authorised(),
  'POST /payments/:paymentId/capture': authorised('/capture'),
  'POST /payments/:paymentId/void': authorised('/void'),
  'POST /payments/of-order/void-or-refund': async ({ must }) => {
    const { path, headers, body } = newPayment();
    await must('payment', { method: 'POST', path, headers, body });
    const { orderId, userId } = body;
    const order = { orderId, userId, authorisationKey: headers['idempotency-key'] };
    return { path: '/payments/of-order/void-or-refund', body: order, status: 200 };
  },
  'POST /payments/:paymentId/refunds': async (world) => {
    const { path } = await authorised()(world);
    await world.must('payment', { method: 'POST', path: `${path}/capture` });
    const headers = { 'idempotency-key': newId() };
    return { path: `${path}/refunds`, headers, body: { amountMinor: 1250 }, status: 201 };
  },
};
