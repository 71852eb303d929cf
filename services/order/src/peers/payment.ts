import type { paths } from '@meshmart/payment/openapi';
import { createPeer, expectOk, type PeerFetch } from '@meshmart/service/peers';

type PaymentRequest = NonNullable<paths['/payments']['post']['requestBody']>['content']['application/json'];
type Payment = paths['/payments']['post']['responses'][201]['content']['application/json'];

export type PaymentPeer = ReturnType<typeof createPaymentPeer>;

export function createPaymentPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);
  return {
    /** Sets the amount aside. The key comes from the order, so that asking again never charges again. */
    async authorise(request: PaymentRequest): Promise<Payment> {
      const header = { 'idempotency-key': `${request.orderId}:authorise` };
      return expectOk(await client.POST('/payments', { params: { header }, body: request }));
    },
    async capture(paymentId: string): Promise<void> {
      expectOk(await client.POST('/payments/{paymentId}/capture', { params: { path: { paymentId } } }));
    },
  };
}
