import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { checkOut, gatherShoppers, type Shoppers } from '../../loadtest/checkout.ts';
// k6 resolves no package names, only paths.
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

const slow = new Rate('slow');

/** Fifty restarts take 25 s each at least (`experiment.ts`), and so meet 100,000 requests. */
const ratePerS = 80;

export const options: Options = {
  // Pods that start take the machine from those that answer, for seconds on two cores: there are users for all that falls due meanwhile.
  scenarios: { visit: { ...steadyRate(ratePerS), maxVUs: ratePerS * 15 } },
  setupTimeout: '120s',
  thresholds: {
    // The load ends with the restarts, and each of them takes longer than a preStop of 5 s.
    http_reqs: inPhase({ baseline: ['count>=500'], observe: ['count>=3000'], restore: ['count>=200'] }),
    // A dropped iteration is a request that was never sent. Starting pods can make a few of them; up to 1 % the load is what it should be.
    dropped_iterations: [`rate<${ratePerS / 100}`],
    // There are no retries that could hide any.
    http_req_failed: ['rate==0'],
    // 8 % of nine requests in ten, less what comes to a pod in its first moments. What is under way for that long is what a restart can
    // cut off. The baseline is short: of 500 requests 7 % stray by 1 point (one sigma).
    slow: inPhase({ baseline: ['rate>=0.02'], observe: ['rate>=0.05'], restore: ['rate==0'] }),
  },
};

export function setup(): Shoppers {
  return gatherShoppers('restart');
}

/** Of twenty requests: an order, through order, product and payment; two to user; three to the storefront; the others to product. */
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
