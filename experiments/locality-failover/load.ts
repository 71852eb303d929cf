import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const v2Share = new Rate('v2_share');
const failed = new Rate('failed');

export const options: Options = { scenarios: { browse: steadyRate(50) } };

export default function browse() {
  const { progress } = exec.scenario;
  // The faults begin in the middle part.
  const part = progress < 0.25 ? 'first' : progress > 0.75 ? 'last' : 'middle';
  const { headers, status } = http.get(`${gatewayUrl}/products?limit=3`);
  failed.add(status !== 200, { part });
  v2Share.add(headers['X-Served-By'] === 'product/v2', { part });
}
