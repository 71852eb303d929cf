import type { paths } from '@meshmart/order/openapi';
import { createPeer, type PeerFetch, readProblemName } from '@meshmart/service/peers';
import { expectBody } from './expect-body.ts';

export type Order = paths['/orders/{orderId}']['get']['responses'][200]['content']['application/json'];
export type NewOrder = paths['/orders']['post']['requestBody']['content']['application/json'];

export type OrderPeer = ReturnType<typeof createOrderPeer>;

/** Longer than the 5 s that the order service waits for an order's end. */
const DEADLINE_MS = 6500;

const OUTCOMES: Record<string, 'in-progress' | 'key-reused' | 'too-many-open'> = {
  'idempotency-key-in-use': 'in-progress',
  'idempotency-key-reused': 'key-reused',
  'too-many-open-orders': 'too-many-open',
};

/** Creates the client for the visitor's orders. Each call sends the visitor's access token. */
export function createOrderPeer(baseUrl: string, peerFetch: PeerFetch) {
  const client = createPeer<paths>(baseUrl, peerFetch, DEADLINE_MS);
  const authorize = (accessToken: string) => ({ authorization: `Bearer ${accessToken}` });

  return {
    /**
     * Places an order, or finds the one that was placed with this key.
     *
     * @returns the order; `in-progress` while another request with the key runs; `key-reused` if the key was used with
     *   another card or total; `too-many-open` if the customer has too many pending orders
     */
    async placeOrder(accessToken: string, idempotencyKey: string, body: NewOrder) {
      const result = await client.POST('/orders', {
        params: { header: { 'idempotency-key': idempotencyKey } },
        headers: authorize(accessToken),
        body,
      });
      const outcome = OUTCOMES[readProblemName(result) ?? ''];
      if (outcome) return outcome;
      return expectBody(result);
    },

    /**
     * Finds the visitor's order that was placed with this key.
     *
     * @returns null if there is none, or the key has expired
     */
    async findByKey(accessToken: string, idempotencyKey: string): Promise<Order | null> {
      const params = { query: { idempotencyKey } };
      const page = expectBody(await client.GET('/orders', { params, headers: authorize(accessToken) }));
      return page.items[0] ?? null;
    },

    async listOrders(accessToken: string, cursor?: string) {
      const query = cursor ? { cursor } : {};
      return expectBody(await client.GET('/orders', { params: { query }, headers: authorize(accessToken) }));
    },

    async readOrder(accessToken: string, orderId: string): Promise<Order> {
      const params = { path: { orderId } };
      return expectBody(await client.GET('/orders/{orderId}', { params, headers: authorize(accessToken) }));
    },

    async cancelOrder(accessToken: string, orderId: string): Promise<Order> {
      const params = { path: { orderId } };
      return expectBody(
        await client.POST('/orders/{orderId}/cancel', { params, headers: authorize(accessToken) }),
      );
    },
  };
}
