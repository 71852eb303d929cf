import { KEYS_KEPT_FOR_H } from '@meshmart/service/idempotency';
import type { Basket } from '../basket/basket.ts';
import type { Order, OrderPeer } from '../peers/order.ts';
import { hoursSince } from './form-age.ts';

/**
 * Finds orders that forms of this basket placed before its lines changed and that the visitor has not seen, because the
 * responses were lost. Omits the order with the basket's current id, because paying again finds it.
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
