import type { paths } from '@meshmart/product/openapi';
import { createPeer, expectOk, type PeerFetch, readProblemName } from '@meshmart/service/peers';

export type Reservation =
  paths['/reservations/{orderId}']['put']['responses'][200]['content']['application/json'];

interface OrderedItem {
  productId: string;
  quantity: number;
}

/** Refusals that a retry cannot change. */
type Refusal = 'out-of-stock' | 'unknown-product';

export type ProductPeer = ReturnType<typeof createProductPeer>;

/** Creates the client for product; its calls throw `unavailable` if product does not respond in time. */
export function createProductPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch);
  const at = (orderId: string) => ({ params: { path: { orderId } } });
  return {
    /**
     * @returns the reservation, or the reason why there will never be one
     * @throws `unavailable` for everything else, including a released or expired reservation: its order is being
     *   cancelled or about to expire
     */
    async reserve(orderId: string, items: OrderedItem[]): Promise<Reservation | { refused: Refusal }> {
      const result = await client.PUT('/reservations/{orderId}', { ...at(orderId), body: { items } });
      const problem = readProblemName(result);
      if (problem === 'out-of-stock' || problem === 'unknown-product') return { refused: problem };
      return expectOk(result);
    },
    /** @returns false if the reservation was released or has expired */
    async confirm(orderId: string): Promise<boolean> {
      const result = await client.POST('/reservations/{orderId}/confirm', at(orderId));
      if (readProblemName(result) === 'reservation-conflict') return false;
      expectOk(result);
      return true;
    },
    /** Returns the units to stock, whether reserved or confirmed, and blocks a reservation that is in flight. */
    async release(orderId: string): Promise<void> {
      expectOk(await client.POST('/reservations/{orderId}/release', at(orderId)));
    },
  };
}
