import { sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { checkOut, gatherShoppers, type Shoppers } from '../../loadtest/checkout.ts';
import { authorizationOf, type Customer, retryUntil } from '../../loadtest/customers.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { variant } from '../../loadtest/phase.ts';

const answeredByV1 = new Rate('answered_by_v1');

// A login has no idempotency key: each one that arrives starts a session. An order has a key.
const logins = new Counter('logins');
const sessions = new Counter('sessions');
const ordersSent = new Counter('orders_sent');
const orders = new Counter('orders');

/** Time for copies in progress to end, and for password checks to no longer count against the limit. */
const pauseS = 2;

const reads: Options = { scenarios: { browse: steadyRate(50) } };

/** Stays below the limit of five password checks per second. */
const writes: Options = {
  scenarios: {
    logins: { ...steadyRate(1), exec: 'logIn' },
    orders: { ...steadyRate(1), exec: 'placeOrder' },
  },
  setupTimeout: '120s',
};

export const options = variant === 'trap' ? writes : reads;

interface Writers extends Shoppers {
  sessionsBefore: number;
}

/** Registers the customer who writes, for this run only. */
export function setup(): Writers | undefined {
  if (variant !== 'trap') return undefined;
  const shoppers = gatherShoppers('mirror-trap', 1);
  sleep(pauseS);
  return { ...shoppers, sessionsBefore: countOf(shoppers, '/users/me/sessions') };
}

/** Counts what the writes have left behind. */
export function teardown(writers: Writers | undefined): void {
  if (!writers) return;
  sleep(pauseS);
  sessions.add(countOf(writers, '/users/me/sessions') - writers.sessionsBefore);
  orders.add(countOf(writers, '/orders?limit=100'));
}

export default function browse() {
  const { status, headers } = http.get(`${gatewayUrl}/products?limit=3`);
  answeredByV1.add(status === 200 && headers['X-Served-By'] === 'product/v1');
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

function countOf({ customers: [customer] }: Shoppers, path: string): number {
  const headers = { authorization: authorizationOf(customer as Customer) };
  const send = () => http.get(gatewayUrl + path, { headers });
  return retryUntil<{ items: unknown[] }>(send).items.length;
}
