import type { paths } from '@meshmart/payment/openapi';
import { createPeer, expectOk, type PeerFetch } from '@meshmart/service/peers';

type PaymentRequest = NonNullable<paths['/payments']['post']['requestBody']>['content']['application/json'];
export type Payment = paths['/payments']['post']['responses'][201]['content']['application/json'];

const ALREADY_CAPTURED = 'urn:meshmart:problem:payment-already-captured';

export type PaymentPeer = ReturnType<typeof createPaymentPeer>;

export function createPaymentPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);
  const at = (paymentId: string) => ({ params: { path: { paymentId } } });
  return {
    /**
     * Sets the amount aside. The key comes from the order, so that asking again never charges again.
     *
     * @returns null when there will never be a payment: it was declined, or the request itself is refused
     */
    async authorise(request: PaymentRequest): Promise<Payment | null> {
      const header = { 'idempotency-key': `${request.orderId}:authorise` };
      const answer = await client.POST('/payments', { params: { header }, body: request });
      if (answer.response.status === 400) return null;
      const payment = expectOk(answer);
      return payment.status === 'declined' ? null : payment;
    },
    async capture(paymentId: string): Promise<void> {
      expectOk(await client.POST('/payments/{paymentId}/capture', at(paymentId)));
    },
    /** Lets go of the amount when it is only set aside, and pays it back when it was taken. Safe to repeat. */
    async giveBack({ id, orderId, amountMinor }: Payment): Promise<void> {
      const voided = await client.POST('/payments/{paymentId}/void', at(id));
      if (voided.error?.type !== ALREADY_CAPTURED) return void expectOk(voided);
      const header = { 'idempotency-key': `${orderId}:refund` };
      const params = { ...at(id).params, header };
      expectOk(await client.POST('/payments/{paymentId}/refunds', { params, body: { amountMinor } }));
    },
  };
}
