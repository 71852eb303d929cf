import exec from 'k6/execution';
import http, { type RefinedResponse } from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { checkOut, gatherShoppers, type Shoppers } from '../../loadtest/checkout.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { variant } from '../../loadtest/phase.ts';

const allowed = new Rate('allowed');
const denied = new Counter('denied');

const productId = '019bb13b-4068-70fa-b446-17e8f014ac6d';

export const options: Options = {
  scenarios: {
    gatewayReads: { ...steadyRate(15), exec: 'gatewayReads' },
    gatewayWrites: { ...steadyRate(15), exec: 'gatewayWrites' },
    storefrontReads: { ...steadyRate(5), exec: 'storefrontReads' },
    // Orders would stay pending while nobody may reserve, and be placed after the run.
    ...(variant !== 'trap' && {
      orderReserves: { ...steadyRate(2), preAllocatedVUs: 10, maxVUs: 10, exec: 'orderReserves' },
    }),
  },
};

/** Without reads of the catalogue there is nothing to order. */
export const setup = () => (variant === 'trap' ? undefined : gatherShoppers('authz', 1));

export function gatewayReads() {
  count('gateway-GET', http.get(`${gatewayUrl}/products/${productId}`));
}

/** Without a user's token, product responds 401. The mesh decides before that. */
export function gatewayWrites() {
  count('gateway-PATCH', http.patch(`${gatewayUrl}/products/${productId}`));
}

/** The storefront reads product once for this page. */
export function storefrontReads() {
  count('storefront-GET', http.get(`${gatewayUrl}/shop/products/${productId}`));
}

export function orderReserves(shoppers: Shoppers) {
  const { status, body } = checkOut(shoppers, exec.scenario.iterationInTest);
  allowed.add(status === 201 && body?.includes('"confirmed"') === true, { call: 'order-PUT' });
}

function count(call: string, response: RefinedResponse<'text'>) {
  allowed.add(!isDenied(response), { call });
  denied.add(isDenied(response) ? 1 : 0);
}

/** The storefront turns a peer's 403 into a page that says so with 503. */
function isDenied({ status }: RefinedResponse<'text'>): boolean {
  return status === 403 || status === 503;
}
