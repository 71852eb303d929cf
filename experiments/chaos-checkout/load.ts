import { sleep } from 'k6';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { chooseCustomer, gatherShoppers, type Shoppers } from '../../loadtest/checkout.ts';
import { openOrder, patienceS } from '../../loadtest/orders.ts';
import { durationS } from '../../loadtest/phase.ts';
import { buyInShop } from '../../loadtest/shop.ts';
import { ordersPerS } from './rate.ts';

const ordersAnswered = new Counter('orders_answered');
const ordersUnanswered = new Counter('orders_unanswered');

export const options: Options = {
  scenarios: {
    checkout: {
      // The number of orders does not depend on what is killed meanwhile; a busy machine takes longer. Each client
      // follows its order to the end, so no more orders than clients are pending.
      executor: 'shared-iterations',
      vus: 60,
      iterations: ordersPerS * durationS,
      maxDuration: `${durationS * 6 + 2 * patienceS}s`,
    },
  },
  setupTimeout: '120s',
};

export function setup(): Shoppers {
  return gatherShoppers('chaos', 6);
}

export default function checkout(shoppers: Shoppers) {
  const { run, productIds } = shoppers;
  const number = exec.scenario.iterationInTest;
  const customer = chooseCustomer(shoppers);
  const key = `${run}-${number}`;
  // Every fourth customer uses a browser, and orders only products that the shop shows.
  const isInShop = number % 4 === 1;
  const request = { items: chooseItems(number, productIds), paymentToken: chooseToken(number) };
  const order = openOrder(customer, key, request);
  pause(exec.scenario.startTime + (number / ordersPerS) * 1000 - Date.now());

  const placed = isInShop ? buyInShop(customer, key, request) : order.place();
  if (!placed) return ordersUnanswered.add(1);
  ordersAnswered.add(1);
  // A client that doubts whether its order arrived sends the same order again.
  if (number % 20 === 7) order.place();
  const last = number % 10 === 2 ? order.cancel(placed.id) : placed;
  if (!last) return ordersUnanswered.add(1);
  order.follow(last);
}

/** Keeps the load at its rate. Does nothing when the load is late. */
function pause(ms: number): void {
  if (ms > 0) sleep(ms / 1000);
}

/** Most cards are approved. Some are declined or slow, or the provider's response is lost. */
function chooseToken(number: number): string {
  const tokens: Record<number, string> = {
    3: 'tok_declined',
    25: 'tok_insufficient_funds',
    43: 'tok_slow',
    63: 'tok_answer_lost',
    81: 'tok_answer_lost',
  };
  return tokens[number % 100] ?? 'tok_approved';
}

/**
 * Chooses one to three products. Half of the orders also want the same one, so that they compete for its stock. Every
 * fiftieth wants a product that does not exist, so that its reservation fails.
 */
function chooseItems(number: number, productIds: string[]) {
  const [popular = '', ...others] = productIds;
  const count = 1 + (number % 3);
  const items = Array.from({ length: count }, (_, index) => ({
    productId: others[(number * 7 + index) % others.length] as string,
    quantity: 1 + ((number + index) % 3),
  }));
  if (number % 2 === 0) items.push({ productId: popular, quantity: 1 });
  if (number % 50 === 26) items.push({ productId: '00000000-0000-7000-8000-000000000000', quantity: 1 });
  return items;
}
