import type { paths } from '@meshmart/payment/openapi';
import { createPeer, expectOk, type PeerFetch, readProblemName } from '@meshmart/service/peers';

type PaymentRequest = NonNullable<paths['/payments']['post']['requestBody']>['content']['application/json'];
export type Payment = paths['/payments']['post']['responses'][201]['content']['application/json'];

export type PaymentPeer = ReturnType<typeof createPaymentPeer>;

/** The Idempotency-Key under which an order's payment is asked for, however often. */
const authorisationKeyOf = ({ orderId }: { orderId: string }) => `${orderId}:authorise`;

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
     * Gives back all that was set aside or taken for an order, and keeps an authorisation that is still on its way from being
     * made. It needs neither the payment's id nor what the payment was asked for with, and may be repeated at any time.
     */
    async voidOrRefund(order: { orderId: string; userId: string }): Promise<void> {
      const body = { ...order, authorisationKey: authorisationKeyOf(order) };
      expectOk(await client.POST('/payments/of-order/void-or-refund', { body }));
    },
  };
}
