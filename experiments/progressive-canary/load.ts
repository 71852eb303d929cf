// k6 resolves no package names, only paths.
import { steadyRate } from '@meshmart/loadtest/arrival';
import { inPhase } from '@meshmart/loadtest/phase';
import { gatewayUrl } from '@meshmart/loadtest/targets';
import http from 'k6/http';
import type { Options } from 'k6/options';

export { handleSummary } from '@meshmart/loadtest/summary';

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
