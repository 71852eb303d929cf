import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { fixedSample } from '../../loadtest/arrival.ts';
import { authorizationOf, type Customer, registerCustomers } from '../../loadtest/customers.ts';
import { listProducts } from '../../loadtest/orders.ts';
import { inPhase, phase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';
import { traceparentOf } from '../../loadtest/trace.ts';

export { handleSummary } from '../../loadtest/summary.ts';

const tracesBegun = new Counter('traces_begun');

export const options: Options = {
  scenarios: { checkout: fixedSample(10) },
  rps: 10,
  setupTimeout: '120s',
  thresholds: {
    // All or nothing: a hop that is missing once in a hundred checkouts would be seen.
    traces_begun: inPhase({ baseline: ['count>=100'], observe: ['count>=100'], restore: ['count>=30'] }),
    // A dropped iteration is a checkout that there was no time for.
    dropped_iterations: ['count==0'],
    // Who only looks on changes nothing.
    http_req_failed: ['rate==0'],
  },
};

interface Store {
  run: string;
  customers: Customer[];
  productIds: string[];
}

export function setup(): Store {
  const run = `trace-${phase}-${Date.now()}`;
  return { run, customers: registerCustomers(run, 5), productIds: listProducts() };
}

/** One request to the gateway, and all that follows from it is one trace, which the client has begun. */
export default function checkout({ run, customers, productIds }: Store) {
  const number = exec.scenario.iterationInTest;
  const customer = customers[exec.vu.idInTest % customers.length] as Customer;
  const productId = productIds[number % productIds.length] as string;
  const wish = { items: [{ productId, quantity: 1 }], paymentToken: 'tok_approved' };
  const headers = {
    authorization: authorizationOf(customer),
    'content-type': 'application/json',
    'idempotency-key': `"${run}-${number}"`,
    traceparent: traceparentOf(number),
  };
  http.post(`${gatewayUrl}/orders`, JSON.stringify(wish), { headers });
  tracesBegun.add(1);
}
