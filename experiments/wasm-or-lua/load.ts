import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';

const extended = new Rate('extended');

export const options: Options = { scenarios: { browse: fixedSample(200) }, rps: 200 };

export default function browse() {
  const { headers } = http.get(`${gatewayUrl}/products?limit=3`);
  extended.add(headers['X-Extended-By'] === 'lua');
}
