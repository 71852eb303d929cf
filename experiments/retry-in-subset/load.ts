import http from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';

const answeredByV1 = new Counter('answered_by_v1');

export const options: Options = { scenarios: { browse: fixedSample(150) }, rps: 150 };

export default function browse() {
  const { status, headers } = http.get(`${gatewayUrl}/products?limit=3`);
  if (status === 200 && headers['X-Served-By'] === 'product/v1') answeredByV1.add(1);
}
