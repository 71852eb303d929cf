import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import {
  checkOut,
  chooseCustomer,
  gatherShoppers,
  orderOne,
  type Shoppers,
} from '../../loadtest/checkout.ts';
import { authorizationOf } from '../../loadtest/customers.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';

const ratePerS = 150;

const unavailable = new Rate('unavailable');
const toOrder = new Counter('to_order');

export const options: Options = {
  scenarios: { all: fixedSample(ratePerS) },
  rps: ratePerS,
  setupTimeout: '120s',
};

export function setup(): Shoppers {
  return gatherShoppers('retries', 1);
}

/** Sends the next of twenty requests: 14 read, five are a POST without a key, and one is a POST with a key. */
export default function send(shoppers: Shoppers) {
  const number = exec.scenario.iterationInTest;
  const kind = number % 20 === 0 ? 'with-key' : number % 20 <= 5 ? 'without-key' : 'get';
  const headers = {
    authorization: authorizationOf(chooseCustomer(shoppers)),
    'content-type': 'application/json',
  };
  const { status } =
    kind === 'with-key'
      ? checkOut(shoppers, number)
      : kind === 'get'
        ? http.get(`${gatewayUrl}/orders?limit=1`, { headers })
        : http.post(`${gatewayUrl}/orders`, JSON.stringify(orderOne(shoppers, number)), { headers });
  unavailable.add(status === 503, { kind });
  toOrder.add(1);
}
