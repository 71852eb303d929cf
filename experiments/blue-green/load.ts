import exec from 'k6/execution';
import http from 'k6/http';
import { Rate, Trend } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const v2Share = new Rate('v2_share');
/** In ms since the start of the load: ends of requests to v1, and beginnings of requests to v2. */
const blueEndedAt = new Trend('blue_ended_at');
const greenBeganAt = new Trend('green_began_at');

// Enough that some slow requests are in progress at any moment, and few enough for the one instance of v2 on a busy
// machine.
export const options: Options = { scenarios: { browse: steadyRate(20) } };

export default function browse() {
  const { iterationInTest, progress, startTime } = exec.scenario;
  // The storefront calls product from inside the mesh.
  if (iterationInTest % 10 === 0) return void http.get(`${gatewayUrl}/shop`);
  // The switch happens in the middle part, however long it takes to reach every proxy.
  const part = progress < 0.1 ? 'first' : progress > 0.7 ? 'last' : 'middle';
  const beganAt = Date.now() - startTime;
  const { headers } = http.get(`${gatewayUrl}/products?limit=3`);
  const isV2 = headers['X-Served-By'] === 'product/v2';
  v2Share.add(isV2, { part });
  if (isV2) greenBeganAt.add(beganAt);
  else blueEndedAt.add(Date.now() - startTime);
}
