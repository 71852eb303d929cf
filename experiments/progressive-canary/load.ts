import http from 'k6/http';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

// 5 % of it are 1.25 requests a second, which is enough to tell a revision that fails three requests in ten from a good
// one.
export const options: Options = { scenarios: { browse: steadyRate(25) } };

export default function browse() {
  http.get(`${gatewayUrl}/products?limit=3`);
}
