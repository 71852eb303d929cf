import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { type Customer, registerCustomers } from './customers.ts';
import { listProducts, orderOf } from './orders.ts';
import { durationS } from './phase.ts';

export { handleSummary } from './summary.ts';

/** Enough to keep every core busy; with more of them, orders only wait longer. */
const customersAtOnce = 24;

const ordersConfirmed = new Counter('orders_confirmed');

/** As many orders as the store carries: each customer places the next one as soon as the last one is confirmed. */
export const options: Options = {
  scenarios: {
    checkout: {
      executor: 'constant-vus',
      vus: customersAtOnce,
      duration: `${durationS}s`,
      gracefulStop: '0s', // what ends later is none of the orders of these seconds
    },
  },
  setupTimeout: '120s',
};

interface Store {
  run: string;
  customers: Customer[];
  productIds: string[];
}

export function setup(): Store {
  const run = `most-${Date.now()}`;
  return { run, customers: registerCustomers(run, 6), productIds: listProducts() };
}

export default function checkout({ run, customers, productIds }: Store) {
  const number = exec.scenario.iterationInTest;
  const customer = customers[exec.vu.idInTest % customers.length] as Customer;
  const productId = productIds[number % productIds.length] as string;
  const wish = { items: [{ productId, quantity: 1 }], paymentToken: 'tok_approved' };
  const placed = orderOf(customer, `${run}-${number}`, wish).place();
  if (placed?.status === 'confirmed') ordersConfirmed.add(1);
}
