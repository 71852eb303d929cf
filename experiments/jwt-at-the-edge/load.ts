import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { signUp } from '../../loadtest/customers.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { phase } from '../../loadtest/phase.ts';

const answered = new Rate('answered');
const reachedOrder = new Rate('reached_order');
const unauthorized = new Counter('unauthorized');
const forbidden = new Counter('forbidden');

export const options: Options = {
  scenarios: {
    good: { ...steadyRate(8), exec: 'withGoodToken' },
    bad: { ...steadyRate(20), exec: 'withBadToken' },
    none: { ...steadyRate(20), exec: 'withoutToken' },
    catalogue: { ...steadyRate(20), exec: 'catalogue' },
  },
};

/** Returns a customer's authorization header. */
export const setup = () => signUp(`jwt-${phase}-${Date.now()}`).session.authorization;

export function withGoodToken(authorization: string) {
  readOrders('good', { authorization });
}

/** The token of a good customer, with another signature. */
export function withBadToken(authorization: string) {
  readOrders('bad', { authorization: `${authorization.slice(0, -20)}${'A'.repeat(20)}` });
}

export function withoutToken() {
  readOrders('none', {});
}

export function catalogue() {
  const { status } = http.get(`${gatewayUrl}/products?limit=3`);
  answered.add(status === 200, { request: 'catalogue' });
}

function readOrders(token: string, headers: Record<string, string>) {
  const { status, headers: response } = http.get(`${gatewayUrl}/orders`, { headers });
  const isFromOrder = response['X-Served-By'] === 'order/v1';
  answered.add(status === 200, { request: token });
  reachedOrder.add(isFromOrder, { token });
  unauthorized.add(status === 401 && !isFromOrder ? 1 : 0);
  forbidden.add(status === 403 && !isFromOrder ? 1 : 0);
}
