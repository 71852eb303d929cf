import http from 'k6/http';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

export const options: Options = {
  scenarios: { browse: steadyRate(25) },
  thresholds: {
    // Enough that 5 % of it tell a revision that fails three requests of ten from one that fails none: 1.25 requests a second.
    http_reqs: ['count>=100'],
    // At 5 % of the traffic a revision that fails 30 % costs customers 1.5 %, as long as it is there; without any, nobody has tried it.
    http_req_failed: inPhase({
      baseline: ['rate==0'],
      observe: ['rate>0', 'rate<=0.02'],
      restore: ['rate==0'],
    }),
  },
};

export default function browse() {
  http.get(`${gatewayUrl}/products?limit=3`);
}
