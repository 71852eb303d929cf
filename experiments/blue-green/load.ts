import exec from 'k6/execution';
import http from 'k6/http';
import { Rate, Trend } from 'k6/metrics';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

const v2Share = new Rate('v2_share');
/** In ms of the load: when requests ended that v1 answered, and when those began that v2 answered. */
const blueEndedAt = new Trend('blue_ended_at');
const greenBeganAt = new Trend('green_began_at');

const none = ['rate==0'];

export const options: Options = {
  scenarios: { browse: steadyRate(20) },
  thresholds: {
    // Enough that some slow ones are in progress at any moment, and few enough for the one instance of green on a busy machine.
    http_reqs: inPhase({ baseline: ['count>=100'], observe: ['count>=380'], restore: ['count>=20'] }),
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
  const beganAt = Date.now() - startTime;
  const { headers } = http.get(`${gatewayUrl}/products?limit=3`);
  const isV2 = headers['X-Served-By'] === 'product/v2';
  v2Share.add(isV2, { part });
  if (isV2) greenBeganAt.add(beganAt);
  else blueEndedAt.add(Date.now() - startTime);
}
