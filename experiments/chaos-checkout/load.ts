import { sleep } from 'k6';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { type Customer, registerCustomers } from '../../loadtest/customers.ts';
import { listProducts, orderOf, patienceS } from '../../loadtest/orders.ts';
// k6 resolves no package names, only paths.
import { durationS, phase } from '../../loadtest/phase.ts';
import { buyInShop } from '../../loadtest/shop.ts';

export { handleSummary } from '../../loadtest/summary.ts';

const ordersPerS = 20;
const orders = ordersPerS * durationS;

const ordersAnswered = new Counter('orders_answered');
const ordersUnanswered = new Counter('orders_unanswered');

export const options: Options = {
  scenarios: {
    checkout: {
      // As many orders as `ordersPerS` gives in the phase, whatever is killed meanwhile; a busy machine takes longer. Each
      // client follows its order to the end, so the store is never behind by more orders than there are clients.
      executor: 'shared-iterations',
      vus: 60,
      iterations: orders,
      maxDuration: `${durationS * 6 + 2 * patienceS}s`,
    },
  },
  setupTimeout: '120s',
  thresholds: {
    orders_answered: [`count==${orders}`],
    orders_unanswered: ['count<1'],
    // A refusal means that a client was told something wrong: all of these requests are right.
    requests_refused: ['count<1'],
  },
};

interface Store {
  run: string;
  customers: Customer[];
  productIds: string[];
}

export function setup(): Store {
  const run = `${phase}-${Date.now()}`;
  return { run, customers: registerCustomers(run, 6), productIds: listProducts() };
}

export default function checkout({ run, customers, productIds }: Store) {
  const number = exec.scenario.iterationInTest;
  const customer = customers[exec.vu.idInTest % customers.length] as Customer;
  const key = `${run}-${number}`;
  // Every fourth customer uses a browser, and orders only products that the shop shows.
  const isInShop = number % 4 === 1;
  const wish = { items: chooseItems(number, productIds), paymentToken: chooseToken(number) };
  const order = orderOf(customer, key, wish);
  pause(exec.scenario.startTime + (number / ordersPerS) * 1000 - Date.now());

  const placed = isInShop ? buyInShop(customer, key, wish) : order.place();
  if (!placed) return ordersUnanswered.add(1);
  ordersAnswered.add(1);
  // Whoever is not sure that the answer has arrived asks once more.
  if (number % 20 === 7) order.place();
  const last = number % 10 === 2 ? order.cancel(placed.id) : placed;
  if (!last) return ordersUnanswered.add(1);
  order.follow(last);
}

/** Holds the load to its rate: `sleep` takes seconds, and nothing below zero. */
function pause(ms: number): void {
  if (ms > 0) sleep(ms / 1000);
}

/** Most cards work; some are declined, are slow, or their provider's answer gets lost. */
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
 * One to three products. Half of the orders want the same one as well, so that they meet at its stock; one in fifty asks for
 * something that there is not, so that it cannot be reserved.
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
