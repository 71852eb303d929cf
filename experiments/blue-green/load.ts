import exec from 'k6/execution';
import http from 'k6/http';
import { Rate, Trend } from 'k6/metrics';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { steadyRate } from '../../loadtest/arrival.ts';
import { inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

const v2Share = new Rate('v2_share');
/** When each version has answered, in ms of the load. */
const answeredAt = { v1: new Trend('blue_answered_at'), v2: new Trend('green_answered_at') };

const none = ['rate==0'];

export const options: Options = {
  scenarios: { browse: steadyRate(50) },
  thresholds: {
    // Enough that some are on their way at any moment, fast ones and slow ones.
    http_reqs: inPhase({ baseline: ['count>=250'], observe: ['count>=950'], restore: ['count>=50'] }),
    // A dropped iteration is a customer who was not there when it was switched.
    dropped_iterations: ['count==0'],
    // It is for this that blue stays until its last request has ended.
    http_req_failed: ['rate==0'],
    // Of the first tenth and of the last three tenths of the load: the switch is in between, however long it takes to arrive. All
    // or nothing: one answer of the other version is too many.
    'v2_share{part:first}': none,
    'v2_share{part:last}': inPhase({ baseline: none, observe: ['rate==1'], restore: none }),
  },
};

export default function browse() {
  const { iterationInTest, progress, startTime } = exec.scenario;
  // The storefront asks product from inside the mesh.
  if (iterationInTest % 10 === 0) return void http.get(`${gatewayUrl}/shop`);
  const part = progress < 0.1 ? 'first' : progress > 0.7 ? 'last' : 'middle';
  const { headers } = http.get(`${gatewayUrl}/products?limit=3`);
  const isV2 = headers['X-Served-By'] === 'product/v2';
  v2Share.add(isV2, { part });
  answeredAt[isV2 ? 'v2' : 'v1'].add(Date.now() - startTime);
}
