import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { checkOut, gatherShoppers, type Shoppers } from '../../loadtest/checkout.ts';
// k6 resolves no package names, only paths.
import { fixedSample } from '../../loadtest/load-shapes.ts';
import { inPhase } from '../../loadtest/phase.ts';
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

export function setup(): Shoppers {
  return gatherShoppers('trace');
}

/** One request to the gateway, and all that follows from it is one trace, which the client has begun. */
export default function checkout(shoppers: Shoppers) {
  const number = exec.scenario.iterationInTest;
  checkOut(shoppers, number, { traceparent: traceparentOf(number) });
  tracesBegun.add(1);
}
