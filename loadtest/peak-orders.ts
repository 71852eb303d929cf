import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { chooseCustomer, gatherShoppers, orderOne, type Shoppers } from './checkout.ts';
import { openOrder } from './orders.ts';
import { durationS } from './phase.ts';

/** Enough to keep every core busy; with more of them, orders only wait longer. */
const customersAtOnce = 24;

const ordersConfirmed = new Counter('orders_confirmed');

/** Measures the store's capacity: each customer places the next order as soon as the last one is confirmed. */
export const options: Options = {
  scenarios: {
    checkout: {
      executor: 'constant-vus',
      vus: customersAtOnce,
      duration: `${durationS}s`,
      gracefulStop: '0s', // later confirmations do not count
    },
  },
  setupTimeout: '120s',
};

export function setup(): Shoppers {
  return gatherShoppers('peak', 6);
}

export default function checkout(shoppers: Shoppers) {
  const number = exec.scenario.iterationInTest;
  const order = openOrder(chooseCustomer(shoppers), `${shoppers.run}-${number}`, orderOne(shoppers, number));
  if (order.place()?.status === 'confirmed') ordersConfirmed.add(1);
}
