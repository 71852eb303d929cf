import { KEYS_KEPT_FOR_H } from '@meshmart/service/idempotency';
import type { Basket } from '../basket/basket.ts';
import type { Order, OrderPeer } from '../peers/order.ts';
import { hoursSince } from './form-age.ts';

/**
 * Finds orders that were placed by forms of this basket before its lines changed, and that the visitor has not seen: their
 * responses were lost. The basket's own id is left out, since paying again finds its order.
 */
export async function findOpenOrders(
  orders: OrderPeer,
  accessToken: string,
  { id, open }: Basket,
): Promise<{ id: string; order: Order }[]> {
  const others = open.filter((other) => other !== id && hoursSince(other) < KEYS_KEPT_FOR_H);
  const found = await Promise.all(
    others.map(async (other) => ({ id: other, order: await orders.findByKey(accessToken, other) })),
  );
  return found.flatMap(({ id, order }) => (order ? [{ id, order }] : []));
}
