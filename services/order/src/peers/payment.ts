import type { paths } from '@meshmart/payment/openapi';
import { createPeer, expectOk, type PeerFetch, readProblemName } from '@meshmart/service/peers';

type PaymentRequest = NonNullable<paths['/payments']['post']['requestBody']>['content']['application/json'];
export type Payment = paths['/payments']['post']['responses'][201]['content']['application/json'];

export type PaymentPeer = ReturnType<typeof createPaymentPeer>;

const authorisationKeyOf = ({ orderId }: { orderId: string }) => `${orderId}:authorise`;

/** Creates the client for payment; its calls throw `unavailable` if payment does not respond in time. */
export function createPaymentPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);
  const at = (paymentId: string) => ({ params: { path: { paymentId } } });
  return {
    /**
     * Authorises the amount. The key is derived from the order, so that a retry never charges twice.
     *
     * @returns null if there will never be a payment: it was declined, or the request is invalid
     */
    async authorise(request: PaymentRequest): Promise<Payment | null> {
      const header = { 'idempotency-key': authorisationKeyOf(request) };
      const result = await client.POST('/payments', { params: { header }, body: request });
      if (readProblemName(result) === 'invalid-request') return null;
      const payment = expectOk(result);
      return payment.status === 'declined' ? null : payment;
    },
    async capture(paymentId: string): Promise<void> {
      expectOk(await client.POST('/payments/{paymentId}/capture', at(paymentId)));
    },
    /**
     * Voids or refunds all payments of an order, and blocks an authorisation that is in flight. Needs no payment id,
     * which may have been lost with a response. Idempotent.
     */
    async voidOrRefund(order: { orderId: string; userId: string }): Promise<void> {
      const body = { ...order, authorisationKey: authorisationKeyOf(order) };
      expectOk(await client.POST('/payments/of-order/void-or-refund', { body }));
    },
  };
}
