import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { checkOut, gatherShoppers, type Shoppers } from '../../loadtest/checkout.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const slow = new Rate('slow');

/** Fifty restarts of at least 25 s each (`experiment.ts`) meet 100,000 requests at this rate. */
const ratePerS = 80;

export const options: Options = {
  // Starting pods take the processors from running ones for seconds, so there are users for all requests that fall due
  // meanwhile.
  scenarios: { visit: { ...steadyRate(ratePerS), maxVUs: ratePerS * 15 } },
  setupTimeout: '120s',
};

export function setup(): Shoppers {
  return gatherShoppers('restart');
}

/** Sends the next of twenty requests: one order, two to user, three to the storefront, the others to product. */
export default function visit(shoppers: Shoppers) {
  const number = exec.scenario.iterationInTest;
  const kind = number % 20;
  const { timings } = kind === 0 ? checkOut(shoppers, number) : http.get(`${gatewayUrl}${pathOf(kind)}`);
  slow.add(timings.duration >= 3000);
}

function pathOf(kind: number): string {
  if (kind <= 2) return '/.well-known/jwks.json';
  return kind <= 5 ? '/shop/login' : '/products?limit=3';
}
