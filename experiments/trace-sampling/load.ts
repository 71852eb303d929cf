import http from 'k6/http';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';

export const options: Options = { scenarios: { browse: fixedSample(300) }, rps: 300 };

export default function browse() {
  http.get(`${gatewayUrl}/products?limit=3`);
}
