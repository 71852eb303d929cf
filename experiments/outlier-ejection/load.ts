import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { fixedSample } from '../../loadtest/load-shapes.ts';
import { inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

const successful = new Rate('successful');

export const options: Options = {
  scenarios: { browse: fixedSample(500) },
  rps: 500,
  thresholds: {
    // Until the fifth error in a row is noticed, as many as are on their way fail: a dozen. Of 4,000 that is far below 1 %.
    http_reqs: inPhase({ baseline: ['count>=4000'], observe: ['count>=4000'], restore: ['count>=200'] }),
    // A dropped iteration is a request that there was no time for.
    dropped_iterations: ['count==0'],
    // One of three in turn fails always. Each worker of the gateway has its own turn, so it is 66.7 % but for a few.
    successful: inPhase({
      baseline: ['rate>=0.6', 'rate<=0.73'],
      observe: ['rate>=0.99'],
      restore: ['rate==1'],
    }),
  },
};

export default function browse() {
  successful.add(http.get(`${gatewayUrl}/products?limit=3`).status === 200);
}
