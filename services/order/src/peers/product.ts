import type { paths } from '@meshmart/product/openapi';
import { createPeer, expectOk, type PeerFetch } from '@meshmart/service/peers';

export type Reservation =
  paths['/reservations/{orderId}']['put']['responses'][200]['content']['application/json'];

export type ProductPeer = ReturnType<typeof createProductPeer>;

export function createProductPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);
  const at = (orderId: string) => ({ params: { path: { orderId } } });
  return {
    /** @returns null when the goods cannot be had: too few in stock, or no such product */
    async reserve(
      orderId: string,
      items: { productId: string; quantity: number }[],
    ): Promise<Reservation | null> {
      const answer = await client.PUT('/reservations/{orderId}', { ...at(orderId), body: { items } });
      if (answer.response.status === 409 || answer.response.status === 422) return null;
      return expectOk(answer);
    },
    async confirm(orderId: string): Promise<void> {
      expectOk(await client.POST('/reservations/{orderId}/confirm', at(orderId)));
    },
    /** Gives the goods back, whether they were confirmed or only reserved. There may be none: a step that never arrived. */
    async release(orderId: string): Promise<void> {
      const answer = await client.POST('/reservations/{orderId}/release', at(orderId));
      if (answer.response.status !== 404) expectOk(answer);
    },
  };
}
