import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@meshmart/service/problems';
import type { NewOrder, Order, OrderPeer } from '../peers/order.ts';

const ASK_AGAIN_AFTER_MS = 200;
const ASK_TIMES = 10;

/** The reasons for not showing an order; `in-progress` means that the first request still runs. */
export type Refusal = 'no-response' | 'in-progress' | 'too-many-open';

interface Checkout {
  accessToken: string;
  idempotencyKey: string;
  order: NewOrder;
}

/**
 * Places the order of a basket, or finds the one that was placed before, even with another card or total. The second
 * request of a double click waits for the order of the first, since the browser shows the second response.
 */
export async function placeOrder(orders: OrderPeer, checkout: Checkout): Promise<Order | Refusal> {
  const { accessToken, idempotencyKey, order } = checkout;
  for (let asked = 1; ; asked++) {
    const outcome = await orders.placeOrder(accessToken, idempotencyKey, order).catch(toNoResponse);
    if (outcome === 'key-reused') {
      return (await orders.findByKey(accessToken, idempotencyKey).catch(toNoResponse)) ?? 'no-response';
    }
    if (outcome !== 'in-progress' || asked === ASK_TIMES) return outcome;
    await sleep(ASK_AGAIN_AFTER_MS);
  }
}

function toNoResponse(error: unknown): 'no-response' {
  if (error instanceof Problem && error.status === 503) return 'no-response';
  throw error;
}
