import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from './addresses.ts';
import { checkOut, gatherShoppers, type Shoppers } from './checkout.ts';
import { authorizationOf, type Customer, retryUntil } from './customers.ts';
import { steadyRate } from './load-shapes.ts';

// A login has no idempotency key: each one that arrives starts a session. An order has a key.
const logins = new Counter('logins');
const sessions = new Counter('sessions');
const ordersSent = new Counter('orders_sent');
const orders = new Counter('orders');

/** Returns the options of a load of writes. It stays below the limit of five password checks per second. */
export function writeOptions(ratePerS: number): Options {
  return {
    scenarios: {
      logins: { ...steadyRate(ratePerS), exec: 'logIn' },
      orders: { ...steadyRate(ratePerS), exec: 'placeOrder' },
    },
    setupTimeout: '120s',
  };
}

export interface Writers extends Shoppers {
  sessionsBefore: number;
}

/** Registers one customer for this run only. */
export function setUpWriters(name: string): Writers {
  const shoppers = gatherShoppers(name, 1);
  return { ...shoppers, sessionsBefore: countOf(shoppers, '/users/me/sessions') };
}

export function logIn({ customers: [customer] }: Writers): void {
  logins.add(1);
  const params = { headers: { 'content-type': 'application/json' } };
  http.post(`${gatewayUrl}/sessions`, JSON.stringify(customer?.login), params);
}

export function placeOrder(writers: Writers): void {
  ordersSent.add(1);
  checkOut(writers, exec.scenario.iterationInTest);
}

/** Counts what the requests have left behind. */
export function countWrites(writers: Writers): void {
  sessions.add(countOf(writers, '/users/me/sessions') - writers.sessionsBefore);
  orders.add(countOf(writers, '/orders?limit=100'));
}

function countOf({ customers: [customer] }: Shoppers, path: string): number {
  const headers = { authorization: authorizationOf(customer as Customer) };
  const send = () => http.get(gatewayUrl + path, { headers });
  return retryUntil<{ items: unknown[] }>(send).items.length;
}
