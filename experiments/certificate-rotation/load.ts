import http from 'k6/http';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

export const options: Options = { scenarios: { browse: steadyRate(40) } };

export default function readCatalogue() {
  http.get(`${gatewayUrl}/products?limit=3`);
}
