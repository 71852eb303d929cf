import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { checkOut, gatherShoppers, type Shoppers } from '../../loadtest/checkout.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';
import { traceparentOf } from '../../loadtest/trace.ts';

const tracesBegun = new Counter('traces_begun');

export const options: Options = {
  scenarios: { checkout: fixedSample(10) },
  rps: 10,
  setupTimeout: '120s',
};

export function setup(): Shoppers {
  return gatherShoppers('trace');
}

/** Places an order. The client begins a trace, and everything that follows from its request belongs to it. */
export default function checkout(shoppers: Shoppers) {
  const number = exec.scenario.iterationInTest;
  checkOut(shoppers, number, { traceparent: traceparentOf(number) });
  tracesBegun.add(1);
}
