import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@meshmart/service/problems';
import type { NewOrder, Order, OrderPeer } from '../peers/order.ts';

const ASK_AGAIN_AFTER_MS = 200;
const ASK_TIMES = 10;

/** Why there is no order to show: no response came, the first request still runs, or the customer has too many pending orders. */
export type Refusal = 'unanswered' | 'in-progress' | 'too-many-open';

interface Checkout {
  accessToken: string;
  idempotencyKey: string;
  order: NewOrder;
}

/**
 * Places the order of a basket, or finds it if one was placed before, also by a form with another card or another total. The
 * second half of a double click comes while the first is at work: it waits for the same order, since the browser shows its
 * response.
 */
export async function placeOrder(orders: OrderPeer, checkout: Checkout): Promise<Order | Refusal> {
  const { accessToken, idempotencyKey, order } = checkout;
  for (let asked = 1; ; asked++) {
    const outcome = await orders.placeOrder(accessToken, idempotencyKey, order).catch(toUnanswered);
    if (outcome === 'key-reused') {
      return (await orders.findByKey(accessToken, idempotencyKey).catch(toUnanswered)) ?? 'unanswered';
    }
    if (outcome !== 'in-progress' || asked === ASK_TIMES) return outcome;
    await sleep(ASK_AGAIN_AFTER_MS);
  }
}

function toUnanswered(error: unknown): 'unanswered' {
  if (error instanceof Problem && error.status === 503) return 'unanswered';
  throw error;
}
