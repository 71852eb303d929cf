import exec from 'k6/execution';
import http from 'k6/http';
import { Rate, Trend } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const v2Share = new Rate('v2_share');
/** In ms since the start of the load. */
const failedAt = new Trend('failed_at');

export const options: Options = { scenarios: { browse: steadyRate(50) } };

export default function browse() {
  const { progress, startTime } = exec.scenario;
  // The changes reach the proxy in the middle part, however long that takes.
  const part = progress < 0.1 ? 'first' : progress > 0.7 ? 'last' : 'middle';
  const { headers, status } = http.get(`${gatewayUrl}/products?limit=3`);
  v2Share.add(headers['X-Served-By'] === 'product/v2', { part });
  if (status !== 200) failedAt.add(Date.now() - startTime);
}
