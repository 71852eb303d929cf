import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';

const successful = new Rate('successful');

export const options: Options = { scenarios: { browse: fixedSample(500) }, rps: 500 };

export default function browse() {
  successful.add(http.get(`${gatewayUrl}/products?limit=3`).status === 200);
}
